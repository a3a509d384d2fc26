import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { KeyRegister } from '../store/project-keys.ts';
import { defineCommand } from './command.ts';
import { firstOf, limitOption } from './coordinate.ts';
import { visible } from './text.ts';

const keyCommand = defineCommand({
  usage: 'key',
  describe: 'Show what others encrypt for, so that you can read: your public key',
  examples: [['cairn member key', 'give it to a member of the project: cairn member add age1… --name you']],
  epilogue:
    'The identity behind it is in the file that CAIRN_IDENTITY names, else in your configuration folder, where one is made at first use. It never enters a bucket. Without it, and without another member, an encrypted project is lost: keep a copy.',
  options: (yargs) => yargs,
  async run(_args, { output, app: open }) {
    const { openIdentity } = await import('../secrets.ts');
    const app = await open();
    const { recipient, made } = await openIdentity(app);
    if (made) output.note(`made an identity: keep a copy of ${app.config.identityFile}`);
    await (output.json ? output.object({ recipient }) : output.line(recipient));
    return undefined;
  },
});

const listCommand = defineCommand({
  usage: 'list',
  describe: 'Show who can read this project',
  examples: [['cairn member list', 'names and public keys']],
  options: (yargs) => limitOption(yargs),
  async run(args, { output, app: open }) {
    const members = firstOf((await (await openKeys(await open())).read()).members, args.limit, output);
    if (output.json) for (const { name, recipient } of members) await output.object({ name, recipient });
    else {
      await output.table(members, [
        { title: 'NAME', cell: ({ name }) => visible(name) },
        { title: 'RECIPIENT', cell: ({ recipient }) => recipient },
      ]);
    }
    return undefined;
  },
});

const addCommand = defineCommand({
  usage: 'add <recipient>',
  describe: 'Let somebody read this project, all of it',
  examples: [['cairn member add age1… --name ann', 'as `cairn member key` showed it to them']],
  options: (yargs) =>
    yargs
      .positional('recipient', { type: 'string', demandOption: true, describe: 'Their public key, age1…' })
      .option('name', { type: 'string', describe: 'For people; default the key itself' }),
  async run({ recipient, name = recipient }, { output, app: open }) {
    const { checkRecipient } = await import('../store/project-keys.ts');
    checkRecipient(recipient);
    const app = await open();
    await (await openKeys(app)).add({ name, recipient }, await ownIdentities(app));
    await (output.json ? output.object({ name, recipient }) : output.line(`added ${visible(name)}`));
    return undefined;
  },
});

const removeCommand = defineCommand({
  usage: 'remove <member>',
  describe: 'Encrypt what is written from now on so that somebody cannot read it',
  examples: [['cairn member remove ann', 'by name or public key']],
  epilogue:
    'What was written before stays readable with the old key, to whoever may still read the bucket: take their access to the store away, too. Programs that run on take up the new key within ten minutes.',
  options: (yargs) =>
    yargs.positional('member', { type: 'string', demandOption: true, describe: 'Name or public key' }),
  async run(args, { output, app: open }) {
    const app = await open();
    const { name, recipient } = await (await openKeys(app)).remove(args.member, await ownIdentities(app));
    await (output.json ? output.object({ name, recipient }) : output.line(`removed ${visible(name)}`));
    output.note(
      `${name} can still read what was written until now, where the store lets them: the new key is for what follows`,
    );
    return undefined;
  },
});

/** @throws CairnError `unfit` where nothing is encrypted */
async function openKeys(app: App): Promise<KeyRegister> {
  const { openKeyRegister } = await import('../secrets.ts');
  if (await app.store.sealing?.()) return openKeyRegister(app);
  throw new CairnError('unfit', `expected an encrypted project, got ${app.project} without encryption`, {
    hint: 'everyone who can read the bucket is a reader; a new project can be encrypted: `cairn init --encrypt`',
  });
}

async function ownIdentities(app: App): Promise<readonly string[]> {
  const { readIdentities } = await import('../secrets.ts');
  const identities = await readIdentities(app);
  if (identities) return identities;
  throw new CairnError('denied', 'expected the identity of a member, found none', {
    hint: 'name its file by CAIRN_IDENTITY',
  });
}

/** `cairn member …` */
export const memberCommands = [keyCommand, listCommand, addCommand, removeCommand];

import type { SettingName } from '../config/settings.ts';
import { defineCommand } from './command.ts';

export const configCommand = defineCommand({
  usage: 'config',
  describe: 'Show the settings that hold here, and where each comes from',
  examples: [['cairn config', 'bucket, project, agent and user']],
  epilogue:
    "An option beats CAIRN_BUCKET and the like, which beat the nearest .cairn.toml, which beats the user's config.toml, which beats the default.",
  options: (yargs) => yargs,
  async run(_args, { output, flags }) {
    const { openConfig, thisHost } = await import('../app.ts');
    const { settingNames } = await import('../config/settings.ts');
    const config = await openConfig(flags, thisHost());
    const rows: { name: string; value: string; from: string }[] = settingNames.flatMap((name: SettingName) => {
      const value = config.values[name];
      return value === undefined ? [] : [{ name, value, from: config.origins[name] ?? 'default' }];
    });
    const ofMirror = Object.entries(config.mirror).map(([name, value]) => {
      return { name: `mirror.${name}`, value: [value].flat().join(', '), from: config.userFile };
    });
    const files = [
      ['project file', config.projectFile ?? ''],
      ['user file', config.userFile],
      ['key', config.keyFile],
      ['state', config.folders.state],
    ] as const;
    if (output.json) {
      const settings = Object.fromEntries(rows.map(({ name, value, from }) => [name, { value, from }]));
      await output.object({
        settings,
        projectFile: config.projectFile ?? null,
        userFile: config.userFile,
        keyFile: config.keyFile,
        stateFolder: config.folders.state,
        mirror: config.mirror,
      });
      return undefined;
    }
    await output.table(
      [
        ...rows,
        ...ofMirror,
        ...files.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value, from: '' })),
      ],
      [
        { title: 'SETTING', cell: (row) => row.name },
        { title: 'VALUE', cell: (row) => row.value },
        { title: 'FROM', cell: (row) => row.from },
      ],
    );
    return undefined;
  },
});

// One agent process of the tests: acts as it is told, and says on standard output what it was told is true.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const { role, skewMs = 0, ttlMs = 3000, ...options } = JSON.parse(process.argv[2]);
const now = Date.now;
Date.now = () => now() + skewMs;

const { openProject } = await import('../../../dist/src/index.js');

/** Unbuffered: what was said before a kill is not lost. */
function say(...words) {
  writeSync(1, `${words.join(' ')}\n`);
}

/** Tries until the outcome is known, which is safe for what has one effect however often it is done. */
async function settled(work, transient = ['unknown', 'unavailable']) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!transient.includes(error.code)) throw error;
      say('unknown', error.code);
      await sleep(50 * Math.random());
    }
  }
}

const roles = {
  /** Takes one task after the other until all have ended. */
  async worker(project) {
    for (;;) {
      try {
        const { task, epoch } = await settled(() => project.tasks.next());
        say('won', task.name, epoch);
        await sleep(20 * Math.random());
        await settled(() => project.tasks.complete(task.name, { epoch }));
        say('completed', task.name, epoch);
      } catch (error) {
        if (error.code === 'lost') say('lost');
        else if (error.code !== 'nothing-to-do') throw error;
        else if ((await project.tasks.list({ states: ['open', 'held'] })).length === 0) return;
        else await sleep(100 * Math.random());
      }
    }
  },

  /** Claims one task and tells; then tries to complete it when it is let go on. */
  async holder(project) {
    const { epoch } = await project.tasks.claim(options.task);
    say('won', options.task, epoch);
    // Stopped here by the test for longer than its time to live.
    for (const start = performance.now(); performance.now() - start < 300; ) await sleep(10);
    process.stdin.resume();
    await new Promise((resolve) => process.stdin.once('data', resolve));
    const outcome = await project.tasks.complete(options.task, { epoch }).then(
      () => 'completed',
      (error) => error.code,
    );
    say('outcome', outcome);
  },

  async sender(project) {
    for (let i = 0; i < options.count; i++) {
      const text = `${options.agent}/${i}`;
      try {
        await project.messages.send('reader', text);
        say('sent', text);
      } catch (error) {
        if (error.code !== 'unknown') throw error;
        // It may be there or not, and is not sent again: that would be another message.
        say('unknown', text);
      }
    }
  },

  /** Reads until it has seen as many. */
  async reader(project) {
    for (let seen = 0; seen < options.count; ) {
      const { messages } = await settled(() => project.messages.receive({ timeoutMs: 60_000, pollMs: 500 }));
      for (const { text } of messages) say('got', text);
      seen += messages.length;
    }
  },

  /** Several writers count in one value. */
  async counter(project) {
    const count = async () => {
      for (let i = 0; i < options.count; i++) {
        // Where the outcome is unknown, another try could count twice.
        await settled(() => project.memory.update('counter', (n) => (n ?? 0) + 1), ['unavailable']);
      }
    };
    await Promise.all(Array.from({ length: options.writers }, count));
    say('counted', options.writers * options.count);
  },
};

const project = await openProject({
  bucket: options.bucket,
  project: options.project ?? 'p',
  agent: options.agent,
  ttlMs,
});
try {
  await roles[role](project);
  await project.close();
} catch (error) {
  // A process that was declared dead ends, as it should.
  if (error.code !== 'session-lost') throw error;
  say('session-lost');
}
process.exit();

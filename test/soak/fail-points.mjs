// Loaded into the program by `node --import`: kills it at one numbered step of what it does to files and to the
// store. A step stands before every call that changes a file, and before and behind every request.
import fs from 'node:fs';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

let left = Number(process.env.CAIRN_TEST_KILL_AT);

function step() {
  if (left-- === 0) process.kill(process.pid, 'SIGKILL');
}

for (const name of ['writeFile', 'appendFile', 'rename', 'link', 'unlink']) {
  for (const [of, called] of [
    [fs.promises, name],
    [fs, `${name}Sync`],
  ]) {
    const call = of[called];
    of[called] = (...all) => {
      step();
      return call(...all);
    };
  }
}
syncBuiltinESMExports();

const { end } = http.ClientRequest.prototype;
http.ClientRequest.prototype.end = function (...all) {
  step();
  this.prependOnceListener('response', step);
  return end.apply(this, all);
};

import { maskable } from '../trajectory/mask.ts';

/** `--mask` of commands whose output goes to readers who may not see everything. */
export const maskOption = {
  choices: maskable,
  array: true,
  describe:
    'Leave out, for readers who may not see it: what was said (text), thinking, input and output of tools, names of people, hosts and folders; may be given more than once',
} as const;

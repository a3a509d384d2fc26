import { parse, transcript } from './parse.ts';

console.log(parse(transcript(64 << 20), 3));

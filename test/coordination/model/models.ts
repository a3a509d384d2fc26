import { cursorModel } from './cursor.ts';
import type { Model } from './explorer.ts';
import { logModel } from './log.ts';
import { presenceModel } from './presence.ts';
import { taskModel } from './task.ts';

const two = { attempts: 2 } as const;
const one = { attempts: 1 } as const;
const kill = { owners: 1, killers: 1, beats: 3, beatLists: true, killLists: 'always' } as const;
const cursor = { consumers: 2, senders: 0, messages: 1, ack: 'manual' } as const;
const trimmed = {
  ...one,
  consumers: 1,
  senders: 1,
  // Enough to pass it by two: the newest is never removed.
  prompt: 2,
  messages: 0,
  ack: 'auto',
  trim: 'floor first',
  guard: true,
} as const;

/** `CAIRN_LONG=1`: larger bounds, which take minutes. */
const isLong = process.env.CAIRN_LONG === '1';

/** Protocols that keep their promises in every state that can be reached. */
export const holds: Readonly<Record<string, Model>> = {
  'a task: 2 claimants, 5 slots, 409 answered': taskModel({ ...two, claimants: 2, slots: 5, conflicts: true }),
  'a task: 3 claimants, 3 slots': taskModel({ ...one, claimants: 3, slots: 3 }),
  'a task with collection: floor first, and a look at it': taskModel({
    ...one,
    claimants: 2,
    slots: isLong ? 5 : 4,
    collect: 'floor first',
  }),
  'a log: 2 writers': logModel({ ...two, writers: 2 }),
  'a log: 3 writers': logModel({ ...one, writers: 3 }),
  'a kill against a heartbeat': presenceModel({ ...two, ...kill, beats: isLong ? 4 : 3 }),
  '2 killers, 1 attempt': presenceModel({ ...one, ...kill, killers: 2, beats: isLong ? 3 : 2 }),
  'a heartbeat without LIST, 1 owner': presenceModel({ ...two, ...kill, beatLists: false, beats: isLong ? 4 : 3 }),
  'a heartbeat without LIST, 1 owner, 2 killers': presenceModel({
    ...one,
    ...kill,
    beatLists: false,
    killers: 2,
    beats: isLong ? 3 : 2,
  }),
  '2 owners of one name': presenceModel({ ...one, ...kill, owners: 2, beats: isLong ? 2 : 1 }),
  'a heartbeat with collection': presenceModel({ ...two, ...kill, beats: isLong ? 2 : 1, collect: 'floor' }),
  '2 owners with collection': presenceModel({ ...one, ...kill, owners: 2, beats: 1, collect: 'floor' }),
  'a cursor: 2 consumers, acknowledged by token': cursorModel({ ...two, ...cursor }),
  'a cursor: 2 consumers and a sender': cursorModel({ ...one, ...cursor, senders: 1 }),
  'a cursor, automatic': cursorModel({ ...two, ...cursor, senders: 1, messages: 0, ack: 'auto' }),
  'send, consume, trim': cursorModel(trimmed),
};

type Mutants = Readonly<Record<string, readonly [model: Model, broken: RegExp]>>;

/** What is wrong about each, which must be found. */
export const mutants: Mutants = {
  'no read-back of w': [
    taskModel({ ...two, claimants: 2, slots: 5, refusedIsLost: true }),
    /told that it lost what it won/,
  ],
  '409 as lost': [
    taskModel({ ...two, claimants: 2, slots: 5, conflicts: true, conflictIsLost: true }),
    /told that it lost, to nobody/,
  ],
  'delete on release': [taskModel({ ...two, claimants: 2, slots: 5, releaseDeletes: true }), /won twice/],
  'collection without guard': [
    taskModel({ ...one, claimants: 2, slots: 5, collect: 'floor first', guard: false }),
    /won twice/,
  ],
  'collection without floor': [taskModel({ ...one, claimants: 2, slots: 5, collect: 'no floor' }), /won twice/],
  'delete before floor': [taskModel({ ...one, claimants: 2, slots: 5, collect: 'delete first' }), /won twice/],
  'advancing past an unresolved slot': [logModel({ ...two, writers: 2, moveOn: true }), /a gap|twice/],
  'print before cursor': [cursorModel({ ...two, ...cursor, ack: 'auto', printFirst: true }), /handed out twice/],
  'acknowledging a place': [cursorModel({ ...one, ...cursor, senders: 1, ack: 'by position' }), /acknowledged twice/],
  'append without guard': [cursorModel({ ...trimmed, guard: false }), /is lost/],
  'trim without floor': [cursorModel({ ...trimmed, trim: 'no floor' }), /is lost/],
  'a met death believed without LIST': [
    presenceModel({ ...one, ...kill, beatLists: false, killers: 2, killLists: 'not when met' }),
    /declared dead, and lives/,
  ],
  'a kill without LIST': [presenceModel({ ...one, ...kill, beats: 4, killLists: 'never' }), /declared dead, and lives/],
  'a presence collected without floor': [
    presenceModel({ ...one, ...kill, beats: 2, collect: 'no floor' }),
    /after its death/,
  ],
  'the floor replaced by the slot before': [
    presenceModel({ ...two, ...kill, collect: 'floor replaced by the slot before' }),
    /after its death/,
  ],
  'presence read by probing': [presenceModel({ ...one, ...kill, beats: 4, probe: true }), /declared dead/],
  ...(isLong && {
    'a heartbeat of two owners without LIST': [
      presenceModel({ ...one, ...kill, owners: 2, beatLists: false }),
      /after its death was confirmed/,
    ],
  }),
};

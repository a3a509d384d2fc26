import {
  counted,
  field,
  type RecordView,
  type SessionSummary,
  seen,
  stringField,
  titled,
  withModel,
} from '../../src/harness/index.ts';
import { known, promptOf } from './records.ts';

/** Turns are messages of a person in the session's own transcript. */
export function summarise(summary: SessionSummary, record: RecordView): SessionSummary {
  const { stream, value } = record;
  const type = field(value, 'type');
  const next = counted(summary, record, known.has(type));
  if (stream !== 'main') return next;
  switch (type) {
    case 'session':
      return seen(next, { cwd: summary.cwd ?? stringField(value, 'cwd') });
    case 'model_change':
      return withModel(next, stringField(value, 'modelId'));
    case 'session_info':
      return titled(next, field(value, 'name'), 'user');
    case 'message':
      return summariseMessage(next, field(value, 'message'));
    default:
      return next;
  }
}

function summariseMessage(summary: SessionSummary, message: unknown): SessionSummary {
  switch (field(message, 'role')) {
    case 'user':
      return titled({ ...summary, turns: summary.turns + 1 }, promptOf(field(message, 'content')), 'prompt');
    case 'assistant':
      return withModel(summary, stringField(message, 'model'));
    default:
      return summary;
  }
}

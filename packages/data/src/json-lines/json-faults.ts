import type { BadRecord, RecordPlace } from '../rows/bad-record.ts';

const ADVICE = "Repair the file, or pass onBadRecord: 'skip'.";
const REFERENCE_ADVICE = "Put the blob back, or pass onBadRecord: 'skip'.";

type Place = RecordPlace & { readonly byteOffset: number };

/** A line is no record with rows. */
export function recordFault(place: Place, what: string, at: number): BadRecord {
  return {
    code: 'JSON_BAD_RECORD',
    message: `Line ${place.record} of ${place.path} (at byte ${place.byteOffset}) is no record of collected rows: at byte ${at} there is ${what}. ${ADVICE}`,
    ...place,
  };
}

/** A file whose day is over ends within a record. */
export function tornRecordFault(place: Place): BadRecord {
  return {
    code: 'JSON_BAD_RECORD',
    message: `${place.path} ends within a record: line ${place.record} (at byte ${place.byteOffset}) has no end. ${ADVICE}`,
    ...place,
  };
}

/** A line is longer than any record may be. */
export function longRecordFault(place: Place, mostBytes: number): BadRecord {
  return {
    code: 'JSON_RECORD_TOO_LONG',
    message: `Line ${place.record} of ${place.path} (at byte ${place.byteOffset}) has more than ${mostBytes} bytes. ${ADVICE}`,
    ...place,
  };
}

/** The blob that holds the rows of a record cannot be read, or holds none. */
export function referenceFault(place: Place, what: string): BadRecord {
  return {
    code: 'JSON_DATAREF_FAILED',
    message: `The rows of line ${place.record} of ${place.path} (at byte ${place.byteOffset}) stand in another blob, by its dataref: ${what}. ${REFERENCE_ADVICE}`,
    ...place,
  };
}

/** What a fault says is wrong, without what to do for who reads rows. */
export function withoutAdvice(message: string): string {
  const advice = [ADVICE, REFERENCE_ADVICE].find((text) => message.endsWith(` ${text}`));
  return advice === undefined ? message : message.slice(0, -advice.length - 1);
}

// The fast way here is that of write-number.ts with nine or ten digits instead of 17: they fit into one double. Half a step
// is 3 to 120 units of the last of them. The shorter steps below powers of two make no difference in its range: all are
// tested.

const LEAST = 1e-6;
const MOST = 1e9;
/** Far above the error of the arithmetic (about 1e-7 of the last digit). */
const DOUBT = 1e-5;

const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** For each biased exponent: the exponent of ten of its power of two, and half a step. */
const TENS = new Int8Array(256);
const HALF_STEP = new Float64Array(256);
for (let exponent = 100; exponent < 160; exponent += 1) {
  const least = 2 ** (exponent - 127);
  TENS[exponent] = Number(least.toExponential().split('e')[1]);
  HALF_STEP[exponent] = least * 2 ** -24;
}

const asSingle = new Float32Array(1);
const asBits = new Uint32Array(asSingle.buffer);

/**
 * The double with the fewest decimal digits that single precision rounds to the value: 0.1 for 0.10000000149011612.
 *
 * @param value A number that single precision holds exactly.
 */
export function shortestFloat32(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude >= LEAST && magnitude < MOST)) {
    return value === 0 || !Number.isFinite(value) ? value : byTrial(value);
  }
  asSingle[0] = magnitude;
  const exponent = (asBits[0] as number) >>> 23;
  const scale = POWERS[8 - (TENS[exponent] as number)] as number;
  const halfStep = (HALF_STEP[exponent] as number) * scale;
  const digits = magnitude * scale;

  const ones = Math.floor(digits + 0.5);
  const byTens = Math.floor(digits / 10 + 0.5) * 10;
  const byHundreds = Math.floor(digits / 100 + 0.5) * 100;
  const byThousands = Math.floor(digits / 1000 + 0.5) * 1000;
  const fromTens = Math.abs(digits - byTens);
  const fromHundreds = Math.abs(digits - byHundreds);
  const fromThousands = Math.abs(digits - byThousands);
  if (
    Math.abs(fromTens - halfStep) < DOUBT ||
    Math.abs(fromHundreds - halfStep) < DOUBT ||
    Math.abs(fromThousands - halfStep) < DOUBT
  ) {
    return byTrial(value);
  }
  const nearest =
    fromThousands < halfStep ? byThousands : fromHundreds < halfStep ? byHundreds : fromTens < halfStep ? byTens : ones;
  // A quotient of two exact doubles is the double nearest to the decimal that it stands for.
  return (value < 0 ? -nearest : nearest) / scale;
}

function byTrial(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    // Also what is nearest to the middle of all that reads back: above a power of two there is twice as much of it.
    for (const aim of [value, value * (1 + 2 ** -26)]) {
      const shortest = Number(aim.toPrecision(digits));
      if (Math.fround(shortest) === value) {
        return shortest;
      }
    }
  }
  return Number(value.toPrecision(9));
}

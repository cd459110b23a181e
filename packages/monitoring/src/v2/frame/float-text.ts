/** From here on a float stands with an exponent. Source: the Python collector does so. */
const MOST_FIXED = 1e16;
/** Below this too: the Python collector writes ten decimals, and what is smaller would be all zeros. */
const LEAST_FIXED = 1e-10;

/**
 * A number that may be an integer or a float: whole numbers without a point, others as {@link floatText}.
 *
 * Whole numbers that JavaScript cannot tell from their neighbours are floats.
 */
export function numberText(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : floatText(value);
}

/**
 * A float in JSON: all digits that tell it from its neighbours, always with a point or an exponent, so that readers take
 * it for a float also when it is whole. `NaN` and the infinities, which JSON has not, are `null`.
 *
 * Source: the form is that of the Python collector, which keeps ten decimals only.
 */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) {
    return 'null';
  }
  if (value === 0) {
    return Object.is(value, -0) ? '-0.0' : '0.0';
  }
  const size = Math.abs(value);
  if (size > MOST_FIXED || size < LEAST_FIXED) {
    return value.toExponential();
  }
  const text = size < 1e-6 ? smallText(value) : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

/** JavaScript writes numbers below 0.000001 with an exponent. */
function smallText(value: number): string {
  const [digits = '', exponent = ''] = value.toExponential().split('e-');
  const sign = digits.startsWith('-') ? '-' : '';
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${digits.replaceAll(/[-.]/g, '')}`;
}

/** Whether a number can only be a float. */
export function isFloatValue(value: number): boolean {
  return !Number.isSafeInteger(value) || Object.is(value, -0);
}

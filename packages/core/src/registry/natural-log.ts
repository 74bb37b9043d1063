const TERMS = 11;

/**
 * The natural logarithm of a number above 0 and at most 1. `Math.log` may differ between engines in the last bit, and with it
 * the server of a service; this uses only operations whose every bit IEEE 754 lays down.
 */
export function naturalLog(value: number): number {
  let mantissa = value;
  let exponent = 0;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent -= 1;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), whose series is short here: the quotient is at most 0.172.
  const quotient = (mantissa - 1) / (mantissa + 1);
  const square = quotient * quotient;
  let sum = 0;
  for (let term = TERMS; term >= 0; term--) sum = sum * square + 1 / (2 * term + 1);
  return exponent * Math.LN2 + 2 * quotient * sum;
}

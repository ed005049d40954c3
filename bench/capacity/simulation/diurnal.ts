/** How much is going on at which hour of the day. */

const hoursPerDay = 24;
/** What goes on at the dead of night, of the mean. */
const floor = 0.05;

/**
 * A day with one hill: a cosine raised to a power, over a floor, so that its mean is 1.
 * @param hour local time. @param peakHour when it is highest. @param peak the highest value, from 1 to about 4.
 */
export function diurnal(hour: number, peakHour: number, peak: number): number {
  const power = powerFor(peak);
  const angle = ((hour - peakHour) / hoursPerDay) * 2 * Math.PI;
  const hill = ((1 + Math.cos(angle)) / 2) ** power / meanOfHill(power);
  return floor + (1 - floor) * hill;
}

/** The mean of ((1 + cos x) / 2) ** power over a turn, by the midpoint rule. */
function meanOfHill(power: number): number {
  const steps = 96;
  let sum = 0;
  for (let step = 0; step < steps; step++) sum += ((1 + Math.cos(((step + 0.5) / steps) * 2 * Math.PI)) / 2) ** power;
  return sum / steps;
}

const powers = new Map<number, number>();

/** The power that makes the peak so high over the mean, by halving. */
function powerFor(peak: number): number {
  const known = powers.get(peak);
  if (known !== undefined) return known;
  let [low, high] = [0, 40];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (floor + (1 - floor) / meanOfHill(middle) < peak) low = middle;
    else high = middle;
  }
  powers.set(peak, low);
  return low;
}

/** The steps in which the menu changes the text size. */

const textScale = { min: 75, max: 200, step: 10, usual: 100 } as const;

export function nextTextScale(current: number, change: 'in' | 'out' | 'reset'): number {
  if (change === 'reset') return textScale.usual;
  const next = current + (change === 'in' ? textScale.step : -textScale.step);
  return Math.max(textScale.min, Math.min(next, textScale.max));
}

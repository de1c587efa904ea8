/** What a figure should be at least or at most. */
type Target = { atLeast: number } | { atMost: number };

/** Prints one measured figure in the form all benches share: `figure <name> value <x> target <y> ok` (or `short`). */
export function figure(name: string, value: number, target?: Target): void {
  console.log(`figure ${name} value ${value.toFixed(2)}${target ? verdict(value, target) : ''}`);
}

function verdict(value: number, target: Target): string {
  const [bound, met] =
    'atLeast' in target ? [target.atLeast, value >= target.atLeast] : [target.atMost, value <= target.atMost];
  return ` target ${bound} ${met ? 'ok' : 'short'}`;
}

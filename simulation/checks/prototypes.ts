const SHARED: readonly object[] = [
  Object.prototype,
  Function.prototype,
  Array.prototype,
  String.prototype,
  Number.prototype,
  Map.prototype,
  Set.prototype,
  Promise.prototype,
];

type Description = readonly (readonly [PropertyKey, unknown])[];

/** Taken when the module loads, before anything of a run. */
const AS_THEY_WERE = SHARED.map(describe);

/** Z6: what all objects share is as it was. Says what is not. */
export function changedPrototype(): string | undefined {
  for (const [index, shared] of SHARED.entries()) {
    const before = AS_THEY_WERE[index] ?? [];
    const after = describe(shared);
    const changed =
      after.length !== before.length ||
      after.some(([key, value], at) => before[at]?.[0] !== key || before[at][1] !== value);
    if (changed) return `the prototype of ${shared.constructor.name} has changed`;
  }
  return undefined;
}

function describe(shared: object): Description {
  return Reflect.ownKeys(shared).map((key) => {
    const descriptor: { value?: unknown; get?: unknown } | undefined =
      Object.getOwnPropertyDescriptor(shared, key);
    return [key, descriptor?.value ?? descriptor?.get];
  });
}

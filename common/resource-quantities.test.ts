import { describe, expect, test } from '@jest/globals';
import { ResourceQuantities } from './resource-quantities.ts';
import { Resources } from './resources.ts';

function parse(text: string): ResourceQuantities {
  const quantities = ResourceQuantities.parse(text);
  if (!quantities.ok) throw new Error(quantities.error);
  return quantities.value;
}

describe('resource quantities', () => {
  test.each([
    ['cpus:0.01;mem:32', 'cpus:0.01; mem:32'],
    ['mem:1;cpus:2;cpus:3', 'cpus:5; mem:1'],
    ['cpus:0', '{}'],
    ['', '{}'],
  ])('%s are read as %s [5eacc86] [1a89dd0]', (text, printed) => {
    expect(parse(text).toString()).toBe(printed);
  });

  test.each(['cpus', 'cpus:', 'cpus:[1-2]', 'cpus:{a}', 'cpus:x', 'cpus:-1', ':1', 'cpus:1:2'])(
    "'%s' are refused [ba07453]",
    (text) => {
      expect(ResourceQuantities.parse(text).ok).toBe(false);
    },
  );

  test('sum scalars of all roles; ranges and sets are counted [01fcfd6] [1cee416]', () => {
    const resources = Resources.from('cpus(a):1;cpus:2;ports:[1-10];disks:{a,b}');
    expect(resources.quantities().toString()).toBe('cpus:3; disks:2; ports:10');
  });

  test.each([
    ['cpus:3;mem:1', 'cpus:2', true],
    ['cpus:3', 'cpus:3', true],
    ['cpus:3', 'cpus:4', false],
    ['cpus:3', 'mem:1', false],
    ['', '', true],
  ])('%s contain %s: %s [5a8bfbd]', (left, right, contained) => {
    expect(parse(left).contains(parse(right))).toBe(contained);
  });

  test('are added by name and subtracted down to zero [386c318] [c88b38a]', () => {
    expect(parse('cpus:1;mem:2').plus(parse('disk:3;cpus:1')).toString()).toBe(
      'cpus:2; disk:3; mem:2',
    );
    expect(parse('cpus:1;mem:2').minus(parse('cpus:3;mem:1')).toString()).toBe('mem:1');
  });
});

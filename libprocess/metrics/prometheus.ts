import type { MetricKind } from './metrics.ts';
import type { Reading } from './snapshot.ts';
import { Timer } from './timer.ts';

/** Version 0.0.4 of the text format, which every version of Prometheus reads. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const TYPES: Readonly<Record<MetricKind, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  timer: 'gauge',
};

const QUANTILES = ['p50', 'p90', 'p95', 'p99', 'p999', 'p9999'] as const;

/**
 * Writes readings in Prometheus's text format. Names get underscores for what Prometheus does not allow;
 * the name that they have in a snapshot stands beside them as help. A timer with a history is a summary, in
 * its own unit: quantiles of its window, count and sum of all time.
 */
export class PrometheusText {
  readonly #names = new Set<string>();

  /** The lines of one reading; none if another reading tells it. */
  lines({ metric, key, value }: Reading): string {
    if (metric instanceof Timer) return key === metric.name ? this.#timer(metric, value) : '';
    const name = this.#nameOf(key);
    return `${head(name, key, TYPES[metric.kindOf(key)])}${name} ${numberText(value)}\n`;
  }

  #timer(timer: Timer, last: number): string {
    const { statistics, total } = timer;
    const name = this.#nameOf(timer.name);
    if (!statistics) return `${head(name, timer.name, 'gauge')}${name} ${numberText(last)}\n`;
    const quantiles = QUANTILES.map(
      (each) => `${name}{quantile="0.${each.slice(1)}"} ${numberText(statistics[each])}\n`,
    );
    const sum = `${name}_sum ${numberText(total.sum)}\n`;
    const count = `${name}_count ${numberText(total.count)}\n`;
    return `${head(name, timer.name, 'summary')}${quantiles.join('')}${sum}${count}`;
  }

  /** Two keys may become one name, as `a/b` and `a_b` do: the later one gets a number of its own. */
  #nameOf(key: string): string {
    const legal = key.replace(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d|$)/, '_');
    const name = this.#names.has(legal) ? `${legal}_${hashOf(key)}` : legal;
    this.#names.add(name);
    return name;
  }
}

function head(name: string, key: string, type: string): string {
  const help = key.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** FNV-1a: the same for the same key, whatever other metrics there are. */
function hashOf(key: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

import { swatch } from './categories.ts';
import { h, tableHead } from './dom.ts';
import { findingsSection } from './finding-cards.ts';
import { type Model, placeOf, type Site } from './model.ts';
import {
  formatCount,
  formatDuration,
  formatMeasured,
  formatShare,
  one,
  plural,
  shareOf,
  sum,
} from './numbers.ts';
import { routeTo } from './route.ts';
import { snippetOf } from './snippet.ts';
import { taxesSection } from './taxes.ts';

/** Operations in the list of the most expensive ones. */
const MOST_SITES = 12;

/** Where the time went, what to do about it, and what was not measured. */
export function overview(model: Model, _route: unknown, into: HTMLElement): undefined {
  if (into.childElementCount > 0) return;
  into.append(
    runHead(model),
    taxesSection(model),
    findingsSection(model) ?? '',
    sitesSection(model),
    runSection(model),
  );
}

function runHead(model: Model): HTMLElement {
  const { run, title, taxes } = model.data;
  const executions = model.sites.reduce((total, site) => total + site.count, 0);
  const executed = model.sites.reduce((total, site) => total + (site.count > 0 ? 1 : 0), 0);
  const cost = taxes.categories.find(({ id }) => id === 'probes')?.ns ?? 0;
  return h(
    'section',
    { class: 'run', 'aria-label': 'The run' },
    h('h1', {}, title),
    h(
      'dl',
      { class: 'facts' },
      ...fact(
        'ran',
        formatDuration(model.wholeNs),
        `Python ${run.python}, ${plural(run.processes.length, 'process', 'processes')}`,
      ),
      ...fact('measured', plural(executions, 'operation'), `at ${plural(executed, 'place')}`),
      ...fact('probes', formatShare(cost, taxes.wholeNs), `${formatDuration(cost)}, taken out below`),
      ...fact(
        'floor',
        formatMeasured(run.probe.floorNs, 0),
        `shorter ones are shown as ≤; ${run.clock.source} clock`,
      ),
      ...(run.sampling === null
        ? []
        : fact(
            'sampled',
            formatShare(run.sampling.overhead, 1),
            `overhead; ${plural(run.sampling.bursts, 'burst')}: numbers are of the timed executions`,
          )),
    ),
  );
}

function fact(word: string, value: string, more: string): HTMLElement[] {
  return [h('div', {}, h('dt', {}, word), h('dd', {}, h('b', {}, value), h('small', {}, more)))];
}

function sitesSection(model: Model): HTMLElement {
  const sorted = model.sites.filter(({ count }) => count > 0).sort((a, b) => b.selfNs - a.selfNs);
  const top = sorted.slice(0, MOST_SITES);
  return h(
    'section',
    { 'aria-labelledby': 'sites' },
    h('h2', { id: 'sites' }, 'The most expensive operations'),
    top.length === 0
      ? h('p', {}, 'No measured operation was executed.')
      : h('ol', { class: 'top' }, ...top.map((site) => topSite(model, site))),
    sorted.length > top.length &&
      h('p', {}, h('a', { href: routeTo('table') }, `All ${plural(model.sites.length, 'operation')}`)),
  );
}

function topSite(model: Model, site: Site): HTMLElement {
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'numbers' },
      h('b', {}, sum(site.selfNs, site.count, model)),
      h('span', {}, shareOf(site, model)),
      h('small', {}, `${formatCount(site.count)} × ${one(site.p50Ns, model)}`),
    ),
    h(
      'div',
      {},
      h(
        'p',
        { class: 'what' },
        swatch(model.data, site.category),
        h('code', {}, site.opcode),
        site.name !== '' && h('b', {}, site.name),
        site.on !== '' && h('small', {}, site.on),
        site.raised > 0 && h('small', { class: 'is-raised' }, `raised ${formatCount(site.raised)}`),
      ),
      snippetOf(model, site),
    ),
    h('span', { class: 'sr' }, placeOf(model, site)),
  );
}

function runSection(model: Model): HTMLElement {
  const { run } = model.data;
  return h(
    'section',
    { 'aria-labelledby': 'covered' },
    h('h2', { id: 'covered' }, 'What the numbers cover'),
    run.notMeasured.length === 0
      ? h('p', {}, 'Everything that was asked for was measured, and nothing was lost.')
      : h(
          'ul',
          { class: 'covered' },
          ...run.notMeasured.map((text) => h('li', { class: text.startsWith(' ') && 'inner' }, text.trim())),
        ),
    h(
      'details',
      {},
      h('summary', {}, plural(run.processes.length, 'process', 'processes')),
      h(
        'table',
        { class: 'processes' },
        tableHead(['pid', 'command', 'Python', 'ran', 'threads', 'end', 'host']),
        h('tbody', {}, ...run.processes.slice(0, 1000).map(processRow)),
      ),
    ),
  );
}

function processRow(process: Model['data']['run']['processes'][number]): HTMLElement {
  const cells = [
    String(process.pid),
    process.command.join(' '),
    process.python,
    formatDuration(process.durationNs),
    formatCount(process.threads),
    process.finished ? 'in order' : 'killed or crashed',
    process.host,
  ];
  return h('tr', {}, ...cells.map((text) => h('td', {}, text)));
}

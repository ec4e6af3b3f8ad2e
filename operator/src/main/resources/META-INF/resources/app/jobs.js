// The list of jobs.

import {get, Poll} from './api.js';
import {h, say, section} from './dom.js';
import {duration, plural, rate, secondsBetween, significant, whole} from './format.js';
import {bar, chip, command, since, sparkline} from './parts.js';
import {headline} from './words.js';

const PERIOD = 2_000;
const PERIOD_OF_MANY = 5_000;
const MANY = 200;
const PHASES = ['Running', 'Restarting', 'Starting', 'Pending', 'Suspended', 'Complete', 'Failed'];

/** All jobs, one line for each. */
export class JobsPage {
  #heard;
  #poll;
  #jobs = [];
  #phase;
  #text = '';
  #rows = new Map();
  #count = h('p', {class: 'muted'});
  #filters = h('div', {class: 'filters', role: 'group', 'aria-label': 'Show only jobs that are'});
  #drawFilters = section(this.#filters, (counts, chosen) => this.#buttons(counts, chosen));
  #search = h('input', {type: 'search', placeholder: 'Find a job', 'aria-label': 'Find a job by name',
    oninput: (event) => {
      this.#text = event.target.value.toLowerCase();
      this.#draw();
    }});
  #list = h('ul', {class: 'jobs'});
  #empty = h('div');

  constructor(content, heard) {
    this.#heard = heard;
    document.title = 'Jobs · Megalodon';
    content.replaceChildren(
      h('div', {class: 'heading'}, h('div', {}, h('h1', {}, 'Training jobs'), this.#count),
        h('div', {class: 'tools'}, this.#filters, this.#search)),
      this.#list, this.#empty);
    this.#search.hidden = true;
    this.#poll = new Poll(() => this.#ask(), PERIOD);
  }

  stop() {
    this.#poll.stop();
  }

  async #ask() {
    try {
      if (this.#jobs.length > MANY && performance.now() - this.#askedAt < PERIOD_OF_MANY) {
        return true;
      }
      this.#askedAt = performance.now();
      this.#jobs = await get('api/jobs');
      this.#heard();
      this.#draw();
      return true;
    } catch (failure) {
      this.#heard(failure);
      return false;
    }
  }

  #askedAt = 0;

  #draw() {
    const shown = this.#jobs.filter((job) => this.#isWanted(job));
    say(this.#count, total(this.#jobs));
    this.#search.hidden = this.#jobs.length < 8;
    this.#drawFilters(counted(this.#jobs), this.#phase ?? null);
    this.#place(shown);
    this.#sayWhyEmpty(shown);
  }

  #isWanted({namespace, name, phase}) {
    return (!this.#phase || phase === this.#phase) && `${namespace}/${name}`.includes(this.#text);
  }

  #buttons(counts, chosen) {
    if (counts.length < 2) {
      return [];
    }
    return [[undefined, this.#jobs.length], ...counts].map(([phase, count]) =>
      h('button', {type: 'button', 'data-key': phase ?? 'All', 'aria-pressed': String((chosen ?? undefined) === phase),
        onclick: () => {
          this.#phase = phase;
          this.#draw();
        }}, phase ?? 'All', h('span', {class: 'count'}, whole(count))));
  }

  /** Rows stay as they are, so that focus and selection do; only their order and content change. */
  #place(jobs) {
    const keys = new Set(jobs.map(keyOf));
    for (const [key, row] of this.#rows) {
      if (!keys.has(key)) {
        row.element.remove();
        this.#rows.delete(key);
      }
    }
    jobs.forEach((job, index) => {
      const row = this.#rows.get(keyOf(job)) ?? this.#newRow(job);
      row.update(job);
      if (this.#list.children[index] !== row.element) {
        this.#list.insertBefore(row.element, this.#list.children[index] ?? null);
      }
    });
  }

  #newRow(job) {
    const row = new Row(job);
    this.#rows.set(keyOf(job), row);
    return row;
  }

  #sayWhyEmpty(shown) {
    if (shown.length > 0) {
      this.#empty.replaceChildren();
    } else if (this.#jobs.length > 0) {
      this.#empty.replaceChildren(h('p', {class: 'empty'}, 'No job is like that.'));
    } else if (this.#empty.childElementCount === 0) {
      this.#empty.replaceChildren(noJobs());
    }
  }
}

function keyOf({namespace, name}) {
  return `${namespace}/${name}`;
}

function total(jobs) {
  const speeds = jobs.filter(isRunning).map(({progress}) => progress?.tokensPerSecond ?? 0);
  const all = speeds.reduce((sum, each) => sum + each, 0);
  return jobs.length === 0 ? ''
    : plural(jobs.length, 'job') + (all > 0 ? `, together ${rate(all)} tokens per second` : '');
}

function isRunning({phase}) {
  return phase === 'Running';
}

function counted(jobs) {
  return PHASES.map((phase) => [phase, jobs.filter((job) => job.phase === phase).length])
    .filter(([, count]) => count > 0);
}

/** One job of the list. */
class Row {
  #draw;

  constructor({namespace, name}) {
    const inside = h('a', {class: 'job card',
      href: `#/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`});
    this.element = h('li', {}, inside);
    this.#draw = section(inside, cells);
  }

  update(job) {
    this.#draw(job);
  }
}

function cells(job) {
  const {namespace, name, phase, progress, losses} = job;
  const running = isRunning(job);
  const said = running ? team(job) : headline(job.conditions, phase)?.why;
  return [
    h('div', {class: 'who'}, h('h2', {}, name), h('p', {class: 'muted'}, namespace, ' · ',
      since(job.created))),
    h('div', {class: 'state'}, chip(phase),
      said && h('p', {class: 'muted said', title: said}, said)),
    h('div', {class: 'way'},
      h('p', {}, h('b', {}, `${progress?.percent ?? 0}%`),
        h('span', {class: 'muted'}, progress ? ` step ${whole(progress.step)} of ${whole(progress.totalSteps)}` : '')),
      bar(progress?.percent, phase, `${name} done`)),
    h('div', {class: 'loss'}, sparkline(losses), figure(significant(progress?.loss), 'loss')),
    figure(running ? rate(progress?.tokensPerSecond) : '–', 'tokens/s'),
    ending(job),
  ];
}

/** A job that goes well has nothing to say; its workers do. */
function team({workers, restarts, goodputPercent}) {
  return [
    workers && `${workers.ready} of ${plural(workers.desired, 'worker')}`,
    restarts > 0 && plural(restarts, 'restart'),
    goodputPercent !== undefined && `${goodputPercent}% goodput`,
  ].filter(Boolean).join(' · ');
}

function figure(value, label) {
  return h('p', {class: 'figure'}, h('b', {}, value), h('span', {class: 'muted'}, label));
}

function ending({startTime, completionTime, progress, phase}) {
  if (completionTime && startTime) {
    return figure(duration(secondsBetween(startTime, completionTime)), phase === 'Failed' ? 'until it failed' : 'took');
  }
  return figure((phase === 'Running' && progress?.eta) || '–', 'left');
}

function noJobs() {
  return h('section', {class: 'empty'},
    h('img', {src: 'favicon.svg', alt: '', width: 72, height: 72}),
    h('h2', {}, 'Still waters'),
    h('p', {}, 'No job is here yet. Give the operator one, and it shows up by itself:'),
    command('kubectl apply -f crds/samples/minimal.yaml'),
    h('p', {class: 'muted'}, 'A job needs a claim with text and one for its checkpoints; '
      + 'kubectl explain mtj.spec has every field.'));
}

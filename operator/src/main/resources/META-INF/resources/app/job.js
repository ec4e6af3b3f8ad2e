// One job.

import {get, jobPath, Poll} from './api.js';
import {Chart} from './chart.js';
import {CurveKeeper} from './curve.js';
import {gradientData, lossData, speedData} from './curves.js';
import {h, section} from './dom.js';
import {rate, significant} from './format.js';
import {attempts} from './attempts.js';
import {checkpoints, conditions, ranks, recipe} from './details.js';
import {command} from './parts.js';
import {headlineBanner, heading, progress, tiles} from './overview.js';

const PERIOD = 2_000;
const PERIOD_WHEN_OVER = 15_000;

/** All about one job, kept up to date. */
export class JobPage {
  #content;
  #id;
  #heard;
  #poll;
  #keeper = new CurveKeeper();
  #job;
  #askedAt = -Infinity;
  #isLaidOut = false;
  #isStopped = false;

  constructor(content, id, heard) {
    this.#content = content;
    this.#id = id;
    this.#heard = heard;
    document.title = `${id.name} · Megalodon`;
    content.replaceChildren(h('p', {class: 'muted waiting'}, 'Asking the operator…'));
    this.#poll = new Poll(() => this.#ask(), PERIOD);
  }

  stop() {
    this.#poll.stop();
    this.#isStopped = true;
  }

  async #ask() {
    if (this.#isOver() && performance.now() - this.#askedAt < PERIOD_WHEN_OVER) {
      return true;
    }
    this.#askedAt = performance.now();
    try {
      const path = jobPath(this.#id);
      const [job, answer] = await Promise.all(
        [get(path), get(`${path}/curve${this.#keeper.question()}`)]);
      if (this.#isStopped) {
        return true;
      }
      this.#keeper.take(answer);
      this.#heard();
      this.#show(job);
      return true;
    } catch (failure) {
      this.#failed(failure);
      return false;
    }
  }

  #isOver() {
    const phase = this.#job?.status?.phase;
    return phase === 'Complete' || phase === 'Failed';
  }

  #failed(failure) {
    if (this.#isStopped) {
      return;
    }
    if (failure.status !== 404) {
      this.#heard(failure);
      return;
    }
    this.#heard();
    this.#isLaidOut = false;
    this.#content.replaceChildren(gone(this.#id));
  }

  #show(job) {
    this.#job = job;
    if (!this.#isLaidOut) {
      this.#layOut();
    }
    const phase = job.status?.phase ?? 'Pending';
    const percent = job.status?.progress?.percent;
    document.title = `${percent === undefined ? '' : `${percent}% · `}${job.name} · Megalodon`;
    this.drawHeading(job.namespace, job.name, job.created, phase);
    this.drawBanner(job.namespace, job.name, phase, job.status?.conditions ?? []);
    this.drawProgress(phase, job.status?.progress, job.status?.startTime, job.status?.completionTime);
    this.drawTiles(job.status ?? {}, phase);
    this.drawConditions(job.status?.conditions ?? [], phase);
    this.drawAttempts(job.status?.attempts ?? [], this.#isOver());
    this.drawCheckpoints(job.status?.checkpoint, this.#keeper.curve?.checkpoints ?? [], job.spec,
      job.status?.progress?.step ?? 0, phase);
    this.drawRanks(job.status?.ranks ?? [], job.status?.stragglers ?? [], job.status?.workers,
      job.spec.parallelism.workers, phase);
    this.drawRecipe(job.spec);
    this.#drawCharts(job);
  }

  #drawCharts(job) {
    const curve = this.#keeper.curve;
    this.loss.update(lossData(curve, job));
    this.speed.update(speedData(curve, job));
    this.gradient.update(gradientData(curve, job));
    this.pair.hidden = !curve || curve.step.length === 0;
  }

  #layOut() {
    this.loss = new Chart({title: 'Loss', unit: 'nats per token', height: 340,
      number: significant, axis: shortNumber, withLog: true});
    this.speed = new Chart({title: 'Throughput', unit: 'tokens per second', height: 190,
      number: rate, fromZero: true, plain: true});
    this.gradient = new Chart({title: 'Gradient norm', unit: 'before clipping', height: 190,
      number: significant, axis: shortNumber, withLog: true, plain: true});
    this.pair = h('div', {class: 'pair', hidden: true}, this.speed.element, this.gradient.element);
    const part = (name, tag, attributes, build) => {
      const element = h(tag, attributes);
      this[`draw${name}`] = section(element, build);
      return element;
    };
    const card = (name, title, build) => part(name, 'section', {class: 'card', 'aria-label': title},
      (...data) => [h('h2', {}, title), ...[build(...data)].flat()]);
    this.#content.replaceChildren(
      part('Heading', 'div', {class: 'heading'}, heading),
      part('Banner', 'div', {}, headlineBanner),
      part('Progress', 'section', {class: 'card progress', 'aria-label': 'Progress'}, progress),
      part('Tiles', 'section', {class: 'tiles', 'aria-label': 'In numbers'}, tiles),
      h('div', {class: 'columns'},
        h('div', {class: 'wide'}, this.loss.element, this.pair,
          card('Attempts', 'Interruptions', attempts)),
        h('div', {class: 'narrow'},
          card('Conditions', 'Conditions', conditions),
          card('Checkpoints', 'Checkpoints', checkpoints),
          card('Ranks', 'Workers', ranks),
          card('Recipe', 'Recipe', recipe))));
    this.#isLaidOut = true;
  }
}

/** Beside an axis: as short as it is exact. */
function shortNumber(value) {
  return Math.abs(value) >= 1_000 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(0) : String(value);
}

function gone({namespace, name}) {
  return h('section', {class: 'empty'},
    h('h1', {}, 'No such job'),
    h('p', {}, `There is no job ${name} in namespace ${namespace}, or not any more. `
      + 'Its checkpoints stay on their volume.'),
    command('kubectl get mtj --all-namespaces'),
    h('p', {}, h('a', {href: '#/'}, 'All jobs')));
}

// Which page is shown, and whether the operator answers.

import {h, say} from './dom.js';
import {command, keepTime, since} from './parts.js';
import {JobsPage} from './jobs.js';
import {JobPage} from './job.js';

const FORWARD = 'kubectl -n megalodon-system port-forward deployment/megalodon-operator 8080';

const content = document.getElementById('content');
const connection = document.getElementById('connection');
const notice = document.getElementById('notice');
let page;
let answered;

/** Pages tell of every question how it went: undefined is well. */
function heard(failure) {
  if (!failure) {
    answered = Date.now();
    connection.className = 'connection live';
    say(connection, 'Live');
    notice.replaceChildren();
    return;
  }
  connection.className = 'connection away';
  say(connection, failure.status ? 'Not ready' : 'No connection');
  if (notice.childElementCount === 0) {
    notice.replaceChildren(banner(failure));
  }
}

function banner(failure) {
  return failure.status
    ? h('div', {class: 'banner'}, h('p', {}, h('b', {}, 'The operator is not ready. '), failure.message))
    : h('div', {class: 'banner'},
      h('p', {}, h('b', {}, 'The operator does not answer. '),
        answered && h('span', {}, 'It last did ', since(new Date(answered).toISOString()), '. '),
        'Is the port still forwarded? It ends with the pod it leads to:'),
      command(FORWARD));
}

/** #/ is the list, #/NAMESPACE/NAME a job. */
function route() {
  const parts = location.hash.split('/').slice(1).filter((part) => part !== '');
  return parts.length === 2
    ? {namespace: decodeURIComponent(parts[0]), name: decodeURIComponent(parts[1])}
    : undefined;
}

function show(isFirst) {
  page?.stop();
  const job = route();
  page = job ? new JobPage(content, job, heard) : new JobsPage(content, heard);
  if (!isFirst) {
    scrollTo(0, 0);
    content.focus({preventScroll: true});
  }
}

// The hash says which page this is; a jump within it must not change that.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  content.focus();
});
addEventListener('hashchange', () => show(false));
keepTime();
show(true);

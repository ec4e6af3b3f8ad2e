// Elements. Whatever a person wrote into a job becomes text or an attribute here, never markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element: h('p', {class: 'muted', onclick: f, vars: {'--share': 0.5}}, 'text', child). */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    set(element, name, value);
  }
  element.append(...children.flat().filter(isThere));
  return element;
}

function set(element, name, value) {
  if (name.startsWith('on')) {
    element.addEventListener(name.slice(2), value);
  } else if (name === 'vars') {
    Object.entries(value).forEach(([key, each]) => element.style.setProperty(key, each));
  } else if (isThere(value)) {
    element.setAttribute(name, value === true ? '' : value);
  }
}

function isThere(value) {
  return value !== null && value !== undefined && value !== false;
}

/**
 * Fills an element from data, again only when the data changed: what a reader has selected stays.
 * Focus and opened details are kept for what has the same data-key before and after.
 */
export function section(element, build) {
  let shown;
  return (...data) => {
    const now = JSON.stringify(data);
    if (now !== shown) {
      shown = now;
      const keep = held(element);
      element.replaceChildren(...[build(...data)].flat().filter(isThere));
      keep();
    }
  };
}

function held(element) {
  const focused = element.contains(document.activeElement) && document.activeElement.dataset.key;
  const open = [...element.querySelectorAll('details[open][data-key]')].map(({dataset}) => dataset.key);
  return () => {
    for (const each of element.querySelectorAll('[data-key]')) {
      if (open.includes(each.dataset.key)) {
        each.open = true;
      }
      if (each.dataset.key === focused) {
        each.focus({preventScroll: true});
      }
    }
  };
}

/** Sets a text only when it is another, so that nothing flickers. */
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

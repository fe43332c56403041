// Runs before the page's own scripts, for benchmarks/clients/theme_browser_windows.py. Records the properties that the page sets.
const FULL = 30;
const QUICKEST_MS = 60;
const TICK_MS = 50;
const watched = { seen: [], applied: [], made: 0, left: 0 };
Object.defineProperty(window, "watched", { value: watched });

const clock = () => performance.timeOrigin + performance.now();
const painted = new MessageChannel();
painted.port1.onmessage = ({ data }) => watched.seen.push({ color: data, at: clock() });

let frame = 0;
const askForFrame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (draw) => askForFrame((time) => {
  frame = performance.now();
  draw(time);
});

let begun = null;
let count = 0;
const { setProperty } = CSSStyleDeclaration.prototype;
CSSStyleDeclaration.prototype.setProperty = function (name, value, ...rest) {
  const ours = document.documentElement && this === document.documentElement.style && name !== "--footer";
  if (ours && begun === null) begin();
  setProperty.call(this, name, value, ...rest);
  if (ours) count += 1;
  // The message is delivered after the current frame: after its styles, layout and paint.
  if (ours && name === "--accent") painted.port2.postMessage(value);
};

function begin() {
  // Includes the computation before the first property is set.
  begun = frame;
  count = 0;
  // When the page has set all properties and finished its other work in this frame.
  queueMicrotask(() => {
    getComputedStyle(document.body).getPropertyValue("background-color");
    watched.applied.push({ ms: performance.now() - begun, count });
    begun = null;
  });
}

watched.say = (line) => {
  const area = document.getElementById("prompt");
  area.value = line;
  area.form.requestSubmit();
};

watched.fill = (lines) => {
  const list = document.getElementById("log-entries");
  const line = list.lastElementChild;
  for (let made = list.children.length; made < lines; made += 1) list.append(line.cloneNode(true));
  list.lastElementChild.scrollIntoView();
};

function pick(token, color) {
  const picker = document.getElementById(`color-${token}`);
  picker.value = color;
  picker.dispatchEvent(new Event("input", { bubbles: true }));
}

watched.change = (most, done) => {
  const made = [];
  const next = () => {
    if (made.length === most) return done(made);
    const color = `#${(made.length + 1).toString(16).padStart(6, "0")}`;
    made.push({ color, at: clock() });
    pick("accent", color);
    // Random phase within the frame.
    setTimeout(next, QUICKEST_MS * (1 + Math.random()));
  };
  next();
};

watched.switch = (most, presets, done) => {
  const took = [];
  let turn = 0;
  const next = () => {
    const whole = watched.applied.splice(0).filter((each) => each.count >= FULL);
    took.push(...whole.map(({ ms }) => ms));
    if (took.length >= most) return done(took);
    if (whole.length || !turn) {
      turn += 1;
      watched.say(`/theme set ${presets[turn % 2]}`);
    }
    setTimeout(next, TICK_MS);
  };
  watched.applied.length = 0;
  next();
};

watched.begin = (most, tokens, seed) => {
  let state = seed;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  watched.left = most;
  const next = () => {
    pick(tokens[random(tokens.length)], `#${random(1 << 24).toString(16).padStart(6, "0")}`);
    watched.made += 1;
    watched.left -= 1;
    if (watched.left) setTimeout(next, TICK_MS);
  };
  next();
};

/** Starts the page. The chosen look is set first, so that nothing flashes. */

const look = localStorage.getItem("look");
if (look) document.documentElement.dataset.look = look;

await import("./parts/app.js");

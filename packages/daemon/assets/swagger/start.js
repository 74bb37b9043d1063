import { showOperations } from "./show-operations.js";

const response = await fetch("../openapi.json");
const place = document.querySelector("#operations");
const token = document.querySelector("#token");
showOperations(await response.json(), { place, send: (url, init) => fetch(url, init), token: () => token.value });

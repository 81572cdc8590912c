// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { App } from "./app.tsx";
import "./style/base.css";
import "./style/parts.css";
import "./style/pages.css";
import { applyTheme } from "./theme.ts";

applyTheme();
const place = document.getElementById("console")!;
place.replaceChildren(); // what index.html shows until then
render(<App />, place);

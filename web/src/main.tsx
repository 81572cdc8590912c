// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { App } from "./app.tsx";
import "./style/base.css";
import "./style/parts.css";
import "./style/pages.css";
import { applyTheme } from "./theme.ts";

applyTheme();
render(<App />, document.getElementById("console")!);

// SPDX-License-Identifier: Apache-2.0
/* pages/index.ts: every page there is: its address, its place in the menu, what it takes to see it. */
import type { ComponentType } from "preact";
import type { TextKey } from "../i18n/index.ts";
import { AboutPage } from "./about.tsx";
import { AccountPage } from "./account.tsx";
import { ApiPage } from "./api.tsx";
import { AuditPage } from "./audit.tsx";
import { CertificatesPage } from "./certificates.tsx";
import {
	CertificateMappingsPage,
	ContextsPage,
	LimitsPage,
	MappingsPage,
	ParametersPage,
	ResourcesPage,
	RolesPage,
	UsersPage,
	WebhooksPage,
} from "./config_pages.tsx";
import { DefinitionPage } from "./definition.tsx";
import { DefinitionsPage } from "./definitions.tsx";
import { FilesPage } from "./files.tsx";
import { HomePage } from "./home.tsx";
import { LaunchPage } from "./launch.tsx";
import { NodePage } from "./node.tsx";
import { NodesPage } from "./nodes.tsx";
import { QueuesPage } from "./queues.tsx";
import { RunPage } from "./run.tsx";
import { RunsPage } from "./runs.tsx";

export interface PageProps {
	/** What stands behind the page's name in the address: "12" of "run/12". */
	rest: string;
	query: URLSearchParams;
}

export interface Page {
	path: string;
	title: TextKey;
	/** All of these are needed; the server refuses without them anyway. */
	needs: string[];
	menu: "work" | "setup" | "people" | null;
	component: ComponentType<PageProps>;
}

export const PAGES: Page[] = [
	{ path: "", title: "page.home", needs: [], menu: "work", component: HomePage },
	{ path: "runs", title: "page.runs", needs: ["job_instance:read"], menu: "work", component: RunsPage },
	{ path: "run", title: "page.run", needs: ["job_instance:read"], menu: null, component: RunPage },
	{ path: "launch", title: "page.launch", needs: ["job_instance:create", "jd:read"], menu: "work", component: LaunchPage },
	{ path: "definitions", title: "page.definitions", needs: ["jd:read"], menu: "setup", component: DefinitionsPage },
	{ path: "definition", title: "page.definition", needs: ["jd:read"], menu: null, component: DefinitionPage },
	{ path: "queues", title: "page.queues", needs: ["queue:read"], menu: "setup", component: QueuesPage },
	{ path: "nodes", title: "page.nodes", needs: ["node:read"], menu: "setup", component: NodesPage },
	{ path: "node", title: "page.node", needs: ["doctor:read"], menu: null, component: NodePage },
	{ path: "mappings", title: "page.mappings", needs: ["qmapping:read", "queue:read", "node:read"], menu: "setup", component: MappingsPage },
	{ path: "limits", title: "page.limits", needs: ["concurrency:read"], menu: "setup", component: LimitsPage },
	{ path: "webhooks", title: "page.webhooks", needs: ["webhook:read", "jd:read", "queue:read"], menu: "setup", component: WebhooksPage },
	{ path: "parameters", title: "page.parameters", needs: ["prm:read"], menu: "setup", component: ParametersPage },
	{ path: "resources", title: "page.resources", needs: ["jndi:read"], menu: "setup", component: ResourcesPage },
	{ path: "contexts", title: "page.contexts", needs: ["cl:read"], menu: "setup", component: ContextsPage },
	{ path: "files", title: "page.files", needs: ["jd:read"], menu: "setup", component: FilesPage },
	{ path: "users", title: "page.users", needs: ["user:read", "role:read"], menu: "people", component: UsersPage },
	{ path: "roles", title: "page.roles", needs: ["role:read"], menu: "people", component: RolesPage },
	{ path: "certificates", title: "page.certificates", needs: ["user:read"], menu: "people", component: CertificatesPage },
	{ path: "certmappings", title: "page.certmappings", needs: ["user:read"], menu: "people", component: CertificateMappingsPage },
	{ path: "audit", title: "page.audit", needs: ["audit:read"], menu: "people", component: AuditPage },
	{ path: "account", title: "page.account", needs: [], menu: null, component: AccountPage },
	{ path: "api", title: "page.api", needs: [], menu: null, component: ApiPage },
	{ path: "about", title: "page.about", needs: [], menu: null, component: AboutPage },
];

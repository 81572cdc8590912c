// SPDX-License-Identifier: Apache-2.0
/* pages/account.tsx: who one is here, and what one may do. */
import { t } from "../i18n/index.ts";
import { useSession } from "../session.tsx";
import { PageHead } from "../ui/basics.tsx";

export function AccountPage() {
	const { me } = useSession();
	return (
		<>
			<PageHead title={t("page.account")} />
			<dl class="facts">
				<div>
					<dt>{t("config.login")}</dt>
					<dd>{me.login}</dd>
				</div>
				<div>
					<dt>{t("config.permissions")}</dt>
					<dd class="code">{me.permissions.join(", ")}</dd>
				</div>
			</dl>
		</>
	);
}

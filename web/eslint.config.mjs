// SPDX-License-Identifier: Apache-2.0
import hooks from "eslint-plugin-react-hooks";
import typescript from "typescript-eslint";

export default typescript.config(
	{ ignores: ["node_modules/"] },
	...typescript.configs.recommended,
	{
		files: ["src/**/*.ts", "src/**/*.tsx"],
		plugins: { "react-hooks": hooks },
		rules: {
			...hooks.configs.recommended.rules,
			// Text from jobs is text: nothing here makes markup of a string.
			"no-restricted-syntax": [
				"error",
				{ selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "text is text" },
				{ selector: "MemberExpression[property.name=/^(inner|outer)HTML$/]", message: "text is text" },
				{
					selector: "MemberExpression[property.name=/^(insertAdjacentHTML|createContextualFragment|srcdoc|writeln)$/]",
					message: "text is text",
				},
				{ selector: "MemberExpression[object.name='document'][property.name='write']", message: "text is text" },
			],
			"no-eval": "error",
			eqeqeq: "error",
		},
	},
);

// SPDX-License-Identifier: Apache-2.0
/*
 * resource_models.ts: what resources of JQM's Java jobs usually are: classes and parameters their factories know, to begin with.  They are
 * stored for such jobs; nothing here runs any.
 */
import type { Pair } from "./api/types.ts";
import type { TextKey } from "./i18n/index.ts";

export interface ResourceModel {
	group: TextKey;
	/** A product's name, or a text of ours. */
	name: string | { text: TextKey };
	type: string;
	factory: string;
	singleton?: boolean;
	parameters: Pair[];
}

const pairs = (of: Record<string, string>): Pair[] => Object.entries(of).map(([key, value]) => ({ key, value }));

/** A pool of connections: one for all jobs of a node, or it would be none. */
const pool = (name: ResourceModel["name"], driver: string, url: string): ResourceModel => ({
	group: "models.databases",
	name,
	type: "javax.sql.DataSource",
	factory: "org.apache.tomcat.jdbc.pool.DataSourceFactory",
	singleton: true,
	parameters: pairs({ driverClassName: driver, url, username: "user", password: "password", maxActive: "10", testOnBorrow: "true" }),
});

const ACTIVEMQ = "org.apache.activemq.jndi.JNDIReferenceFactory";

export const RESOURCE_MODELS: ResourceModel[] = [
	pool("Oracle", "oracle.jdbc.OracleDriver", "jdbc:oracle:thin:@//host:1521/service"),
	pool("PostgreSQL", "org.postgresql.Driver", "jdbc:postgresql://host:5432/database"),
	pool("MySQL", "com.mysql.cj.jdbc.Driver", "jdbc:mysql://host:3306/database"),
	pool("HSQLDB", "org.hsqldb.jdbc.JDBCDriver", "jdbc:hsqldb:hsql://host:9001/database"),
	pool({ text: "models.otherPool" }, "driver.Class", "jdbc:..."),
	{
		group: "models.messages",
		name: { text: "models.mqFactory" },
		type: "com.ibm.mq.jms.MQQueueConnectionFactory",
		factory: "com.ibm.mq.jms.MQQueueConnectionFactoryFactory",
		parameters: pairs({ HOST: "host", PORT: "1414", CHAN: "channel", QMGR: "manager", TRAN: "1" }),
	},
	{
		group: "models.messages",
		name: { text: "models.mqQueue" },
		type: "com.ibm.mq.jms.MQQueue",
		factory: "com.ibm.mq.jms.MQQueueFactory",
		parameters: pairs({ QU: "queue" }),
	},
	{
		group: "models.messages",
		name: { text: "models.activeFactory" },
		type: "org.apache.activemq.ActiveMQConnectionFactory",
		factory: ACTIVEMQ,
		parameters: pairs({ brokerURL: "tcp://host:61616" }),
	},
	{
		group: "models.messages",
		name: { text: "models.activeQueue" },
		type: "org.apache.activemq.command.ActiveMQQueue",
		factory: ACTIVEMQ,
		parameters: pairs({ physicalName: "queue" }),
	},
	{ group: "models.values", name: { text: "models.file" }, type: "java.io.File.File", factory: "com.enioka.jqm.providers.FileFactory", parameters: pairs({ PATH: "/path" }) },
	{ group: "models.values", name: "URL", type: "java.io.URL", factory: "com.enioka.jqm.providers.UrlFactory", parameters: pairs({ URL: "https://host/" }) },
	{ group: "models.values", name: { text: "models.text" }, type: "java.lang.String", factory: "com.enioka.jqm.providers.StringFactory", parameters: pairs({ STRING: "text" }) },
	{
		group: "models.mail",
		name: { text: "models.session" },
		type: "jakarta.mail.Session",
		factory: "com.enioka.jqm.providers.MailSessionFactory",
		singleton: true,
		parameters: pairs({ smtpServerHost: "host", smtpServerPort: "25", useTls: "false", fromAddress: "jqm@host" }),
	},
	{ group: "models.other", name: { text: "models.generic" }, type: "", factory: "", parameters: [] },
];

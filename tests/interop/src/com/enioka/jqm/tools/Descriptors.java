/* SPDX-License-Identifier: Apache-2.0 */
package com.enioka.jqm.tools;

import com.enioka.jqm.jdbc.Db;
import com.enioka.jqm.jdbc.DbConn;
import com.enioka.jqm.model.Queue;
import org.hsqldb.jdbc.JDBCDataSource;

/**
 * Descriptors IN OUT: a file of job definitions is read by JQM's own reader into a database of JQM's own making, and
 * written again by JQM's own writer.  In JQM's package, for its reader is not public.
 */
public final class Descriptors {
	private Descriptors() {
	}

	public static void main(String[] args) throws JqmXmlException {
		JDBCDataSource source = new JDBCDataSource();
		source.setUrl("jdbc:hsqldb:mem:interop");
		source.setUser("SA");
		try (DbConn db = new Db(source, true).getConn()) {
			Queue.create(db, "DEFAULT", "the default queue", true);
			XmlJobDefParser.parse(args[0], db);
			db.commit();
			XmlJobDefExporter.export(args[1], db);
		}
	}
}

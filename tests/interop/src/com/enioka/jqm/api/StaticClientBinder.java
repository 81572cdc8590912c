/* SPDX-License-Identifier: Apache-2.0 */
package com.enioka.jqm.api;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The class that JQM's JqmClientFactory looks for by its name: it binds the factory to our client.  It must be in
 * JQM's package, for the interfaces it implements are not public.
 */
public final class StaticClientBinder implements IClientFactoryBinder, IClientFactory {
	private static final StaticClientBinder SINGLETON = new StaticClientBinder();
	private final Map<String, WireClient> clients = new HashMap<>();

	public static StaticClientBinder getSingleton() {
		return SINGLETON;
	}

	@Override
	public IClientFactory getClientFactory() {
		return this;
	}

	@Override
	public String getClientFactoryName() {
		return StaticClientBinder.class.getName();
	}

	@Override
	public JqmClient getClient() {
		return getClient(null, null, true);
	}

	/** A client kept under a name, made with the factory's properties unless it gets its own. */
	@Override
	public synchronized JqmClient getClient(String name, Properties properties, boolean cached) {
		Properties used = properties == null ? new Properties() : properties;
		return cached ? clients.computeIfAbsent(name, n -> new WireClient(used)) : new WireClient(used);
	}

	@Override
	public synchronized void resetClient(String name) {
		clients.remove(name);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
package com.enioka.jqm.api;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.bind.JAXBContext;
import javax.xml.bind.JAXBException;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * One call at a time over the JVM's HttpURLConnection, which is what JQM's own client (Jersey 2.6) uses, so that the
 * default Accept, the absence of content headers on calls without a body, and keep-alive are the real ones.  JQM's
 * classes go through JAXB as they are.
 */
public final class Wire {
	private static final String PREFIX = "com.enioka.jqm.ws.";
	private static final String USER_AGENT = "Jersey/2.6 (HttpUrlConnection " + System.getProperty("java.version") + ")";
	private static final JAXBContext JAXB = context();

	private final String base;
	private final String authorization;
	private final SSLContext tls;
	private boolean closed;
	private static Answer last;

	/** What came back, whole. */
	public static final class Answer {
		public final String call;
		public final int status;
		public final String type;
		public final byte[] body;

		Answer(String call, int status, String type, byte[] body) {
			this.call = call;
			this.status = status;
			this.type = type;
			this.body = body;
		}

		public String text() {
			return new String(body, StandardCharsets.UTF_8);
		}
	}

	/** The properties are those of JQM's client: url, login, password, keystoreFile/Type/Pass, truststore... */
	Wire(Properties properties) {
		base = properties.getProperty(PREFIX + "url", "http://localhost:1789/ws/client");
		tls = tlsOf(properties);
		// A certificate excludes Basic, as in JQM's client.
		String login = properties.getProperty(PREFIX + "login");
		String password = properties.getProperty(PREFIX + "password");
		boolean basic = login != null && password != null && !properties.containsKey(PREFIX + "keystoreFile");
		String both = login + ":" + password;
		authorization = basic
		    ? "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8))
		    : null;
	}

	/** The answer to the newest call of any client: what void methods do not tell. */
	public static Answer last() {
		return last;
	}

	void close() {
		closed = true;
	}

	/** Send a body (null: none, and then no header about it either) and read the whole answer. */
	Answer call(String method, String path, Object body) {
		if (closed) {
			throw new JqmClientException(method + " " + path + ": the client has been closed");
		}
		try {
			HttpURLConnection c = (HttpURLConnection) new URL(base + path).openConnection();
			if (tls != null && c instanceof HttpsURLConnection) {
				((HttpsURLConnection) c).setSSLSocketFactory(tls.getSocketFactory());
			}
			c.setRequestMethod(method);
			c.setConnectTimeout(20000);
			c.setReadTimeout(20000);
			if (body != null) {
				c.setRequestProperty("Content-Type", "application/xml");
			}
			if (authorization != null) {
				c.setRequestProperty("Authorization", authorization);
			}
			c.setRequestProperty("User-Agent", USER_AGENT);
			if (body != null) {
				byte[] document = marshal(body).getBytes(StandardCharsets.UTF_8);
				c.setFixedLengthStreamingMode(document.length);
				c.setDoOutput(true);
				try (OutputStream out = c.getOutputStream()) {
					out.write(document);
				}
			}
			int status = c.getResponseCode();
			try (InputStream in = status < 400 ? c.getInputStream() : c.getErrorStream()) {
				last = new Answer(method + " " + path, status, c.getContentType(),
				    in == null ? new byte[0] : in.readAllBytes());
			}
			return last;
		} catch (IOException e) {
			throw new JqmClientException(method + " " + path, e);
		}
	}

	public static String marshal(Object object) {
		try {
			StringWriter out = new StringWriter();
			JAXB.createMarshaller().marshal(object, out);
			return out.toString();
		} catch (JAXBException e) {
			throw new JqmClientException(e);
		}
	}

	/** One object; its root element must be the class's own. */
	static <T> T one(Answer answer, Class<T> type) {
		requireXml(answer);
		try {
			return type.cast(JAXB.createUnmarshaller().unmarshal(new ByteArrayInputStream(answer.body)));
		} catch (JAXBException e) {
			throw new JqmClientException(answer.call, e);
		}
	}

	/** A list: any element around objects, each under its class's own name. */
	static <T> List<T> list(Answer answer, Class<T> type) {
		requireXml(answer);
		List<T> list = new ArrayList<>();
		try {
			XMLStreamReader in = XMLInputFactory.newInstance().createXMLStreamReader(
			    new ByteArrayInputStream(answer.body));
			in.nextTag();
			in.nextTag();
			while (in.isStartElement()) {
				list.add(type.cast(JAXB.createUnmarshaller().unmarshal(in)));
				if (in.isCharacters()) {
					in.nextTag();
				}
			}
			in.close();
			return list;
		} catch (JAXBException | XMLStreamException e) {
			throw new JqmClientException(answer.call, e);
		}
	}

	private static void requireXml(Answer answer) {
		if (!"application/xml".equals(answer.type)) {
			throw new JqmClientException(answer.call + ": no reader for content type " + answer.type);
		}
	}

	private static JAXBContext context() {
		try {
			return JAXBContext.newInstance(JobRequest.class, JobInstance.class, Query.class, Queue.class,
			    QueueStatus.class, Deliverable.class, JobDef.class, Schedule.class);
		} catch (JAXBException e) {
			throw new ExceptionInInitializerError(e);
		}
	}

	private static SSLContext tlsOf(Properties p) {
		KeyStore trust = store(p, "truststore");
		if (trust == null) {
			return null;
		}
		try {
			TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trusted.init(trust);
			KeyStore own = store(p, "keystore");
			KeyManagerFactory keys = null;
			if (own != null) {
				keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
				keys.init(own, p.getProperty(PREFIX + "keystorePass", "").toCharArray());
			}
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(keys == null ? null : keys.getKeyManagers(), trusted.getTrustManagers(), null);
			return context;
		} catch (GeneralSecurityException e) {
			throw new JqmClientException(e);
		}
	}

	private static KeyStore store(Properties p, String which) {
		String file = p.getProperty(PREFIX + which + "File");
		if (file == null) {
			return null;
		}
		try (InputStream in = new FileInputStream(file)) {
			KeyStore store = KeyStore.getInstance(p.getProperty(PREFIX + which + "Type", "JKS"));
			store.load(in, p.getProperty(PREFIX + which + "Pass", "").toCharArray());
			return store;
		} catch (IOException | GeneralSecurityException e) {
			throw new JqmClientException(e);
		}
	}
}

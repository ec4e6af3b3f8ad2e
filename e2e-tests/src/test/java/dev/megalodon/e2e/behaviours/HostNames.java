package dev.megalodon.e2e.behaviours;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Hashtable;
import java.util.Optional;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/** Asks the cluster's own DNS, the one that pods ask. The images have no shell to ask from. */
final class HostNames {
  private final String server;

  HostNames(EmbeddedCluster cluster) {
    EndpointSlice dns =
        cluster
            .client()
            .discovery()
            .v1()
            .endpointSlices()
            .inNamespace("kube-system")
            .withLabel("kubernetes.io/service-name", "kube-dns")
            .list()
            .getItems()
            .getFirst();
    String address = dns.getEndpoints().getFirst().getAddresses().getFirst();
    this.server = "dns://%s:%d".formatted(address, dns.getPorts().getFirst().getPort());
  }

  /** The address of a rank by its stable host name; empty while there is none. */
  @SuppressWarnings("BanJNDI") // DNS alone, of the test's own cluster
  Optional<String> resolve(String namespace, String job, int rank) {
    String name = "%1$s-%2$d.%1$s-workers.%3$s.svc.cluster.local".formatted(job, rank, namespace);
    Hashtable<String, String> settings = new Hashtable<>();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    settings.put(Context.PROVIDER_URL, server);
    try {
      Attribute addresses =
          new InitialDirContext(settings).getAttributes(name, new String[] {"A"}).get("A");
      return addresses == null || addresses.size() != 1
          ? Optional.empty()
          : Optional.of(addresses.get().toString());
    } catch (NamingException unknown) {
      return Optional.empty();
    }
  }
}

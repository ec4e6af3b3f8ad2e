package dev.megalodon.trainer.parallel;

/**
 * Where a rank receives what its peers send in collectives.
 *
 * @param host an IP address, or a name on transports that are not a network
 * @param port UDP port
 * @param mtu largest datagram payload in bytes that this rank's network interface carries
 * @param driver names the media driver; ranks of one driver exchange through shared memory
 */
public record Endpoint(String host, int port, int mtu, String driver) {
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}

package dev.megalodon.trainer.rendezvous;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds the coordinator: looks its name up at every try, asks every address, and keeps the one that
 * is the highest incarnation of rank 0. While one pod replaces another, the name leads to both.
 */
final class CoordinatorDialer {
  private final Identity own;
  private final RendezvousSettings settings;
  private final SecureRandom random = new SecureRandom();

  CoordinatorDialer(Identity own, RendezvousSettings settings) {
    this.own = own;
    this.settings = settings;
  }

  /**
   * Lets this JVM notice within a second that a name leads elsewhere, and at once that it leads
   * somewhere at all. Has to run before the JVM's first look-up.
   */
  static void keepNamesFresh() {
    Security.setProperty("networkaddress.cache.ttl", "1");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
    Security.setProperty("networkaddress.cache.stale.ttl", "0");
  }

  /**
   * Connects to the newest coordinator there is.
   *
   * @throws IOException when none answers; says what each address answered
   */
  CoordinatorLink dial() throws IOException {
    List<String> failures = new ArrayList<>();
    Optional<CoordinatorLink> newest = Optional.empty();
    for (InetAddress address : addresses()) {
      try {
        newest = Optional.of(newer(newest, connect(address)));
      } catch (IOException e) {
        failures.add("%s: %s".formatted(address.getHostAddress(), e.getMessage()));
      }
    }
    return newest.orElseThrow(
        () ->
            new IOException(
                "nobody coordinates at %s:%d (%s)"
                    .formatted(settings.host(), settings.port(), String.join("; ", failures))));
  }

  /**
   * The highest incarnation of rank 0 that answers under its name at another address than this
   * member's link leads to, and not in this process.
   */
  OptionalLong newestElsewhere(Optional<CoordinatorLink> link) {
    Optional<InetAddress> connected = link.map(CoordinatorLink::address);
    try {
      return named().stream()
          .filter(address -> connected.filter(address::equals).isEmpty())
          .filter(address -> own.rank() != 0 || !isOfThisMachine(address))
          .mapToLong(this::incarnationAt)
          .max();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** 0 when nobody of this job answers there. */
  private long incarnationAt(InetAddress address) {
    try (CoordinatorLink found = connect(address)) {
      return found.coordinatorIncarnation();
    } catch (IOException e) {
      return 0;
    }
  }

  private static boolean isOfThisMachine(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  private List<InetAddress> addresses() throws IOException {
    return own.rank() == 0 ? List.of(InetAddress.getLoopbackAddress()) : named();
  }

  private List<InetAddress> named() throws IOException {
    try {
      return List.of(InetAddress.getAllByName(settings.host()));
    } catch (UnknownHostException e) {
      throw new IOException("the name %s leads nowhere yet".formatted(settings.host()), e);
    }
  }

  private CoordinatorLink connect(InetAddress address) throws IOException {
    return CoordinatorLink.connect(
        new InetSocketAddress(address, settings.port()),
        own,
        Handshake.nonce(random),
        settings.handshake());
  }

  private static CoordinatorLink newer(Optional<CoordinatorLink> old, CoordinatorLink found) {
    if (old.isEmpty()) {
      return found;
    }
    boolean better = found.coordinatorIncarnation() > old.get().coordinatorIncarnation();
    CoordinatorLink kept = better ? found : old.get();
    (better ? old.get() : found).close();
    return kept;
  }
}

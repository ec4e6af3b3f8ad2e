package dev.megalodon.trainer.parallel;

import dev.megalodon.trainer.parallel.aeron.AeronNetwork;
import dev.megalodon.trainer.parallel.aeron.AeronSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Networks that join ranks of this process in every way there is. */
public enum TestNetworks {
  IN_MEMORY,
  AERON_IPC,
  AERON_UDP_SMALL_MTU,
  AERON_UDP_LARGE_MTU,
  AERON_MIXED;

  private static final int TERM_BYTES = 1 << 18;

  /** Networks for {@code ranks} ranks; drivers keep their buffers under {@code folder}. */
  List<Network> open(int ranks, Path folder) {
    return switch (this) {
      case IN_MEMORY -> inMemory(ranks);
      case AERON_IPC -> sharedDriver(ranks, folder);
      case AERON_UDP_SMALL_MTU -> drivers(ranks, folder, 1_408);
      case AERON_UDP_LARGE_MTU -> drivers(ranks, folder, 16_384);
      case AERON_MIXED -> twoDrivers(ranks, folder);
    };
  }

  static void closeAll(List<Network> networks) {
    networks.reversed().forEach(Network::close);
  }

  /** A UDP port that was free a moment ago. */
  public static int freePort() {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free UDP port on the loopback interface", e);
    }
  }

  private static List<Network> inMemory(int ranks) {
    InMemoryHub hub = new InMemoryHub();
    List<Network> networks = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      networks.add(hub.member("rank-" + rank));
    }
    return networks;
  }

  private static List<Network> sharedDriver(int ranks, Path folder) {
    AeronSettings settings = settings(folder.resolve("shared"), 1_408);
    AeronNetwork owner = AeronNetwork.launch(settings);
    List<Network> networks = new ArrayList<>(List.of(owner));
    for (int rank = 1; rank < ranks; rank++) {
      networks.add(AeronNetwork.attach(settings, owner.endpoint(), freePort()));
    }
    return networks;
  }

  /** Ranks of equal parity share a driver. */
  private static List<Network> twoDrivers(int ranks, Path folder) {
    List<AeronSettings> settings = new ArrayList<>();
    List<Network> networks = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      if (rank < 2) {
        settings.add(settings(folder.resolve("shared-" + rank), 4_096));
        networks.add(AeronNetwork.launch(settings.get(rank)));
      } else {
        Endpoint owner = networks.get(rank % 2).endpoint();
        networks.add(AeronNetwork.attach(settings.get(rank % 2), owner, freePort()));
      }
    }
    return networks;
  }

  private static List<Network> drivers(int ranks, Path folder, int mtu) {
    List<Network> networks = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      networks.add(AeronNetwork.launch(settings(folder.resolve("driver-" + rank), mtu)));
    }
    return networks;
  }

  private static AeronSettings settings(Path directory, int mtu) {
    return new AeronSettings("127.0.0.1", freePort(), directory, OptionalInt.of(mtu), TERM_BYTES);
  }
}

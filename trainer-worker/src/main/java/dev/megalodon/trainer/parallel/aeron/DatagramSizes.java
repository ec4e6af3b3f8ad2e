package dev.megalodon.trainer.parallel.aeron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;

/** How large datagrams and socket buffers may be on this machine. */
final class DatagramSizes {
  private static final int IP_AND_UDP_HEADERS = 48;
  private static final int FRAME_ALIGNMENT = 32;
  private static final int LARGEST_PAYLOAD = 65_504;
  private static final int LARGEST_WITHOUT_JUMBO_FRAMES = 1_408;
  private static final int ETHERNET_MTU = 1_500;

  private DatagramSizes() {}

  /**
   * The payload that fits one packet of the interface that has this address: 1,408 bytes up to an
   * MTU of 1,500 (room for the tunnels that pod networks use), what fits above it.
   *
   * @throws IllegalArgumentException when no interface of this machine has the address
   */
  static int payloadFor(String address) {
    int mtu = interfaceMtu(address);
    int fitting = (mtu - IP_AND_UDP_HEADERS) / FRAME_ALIGNMENT * FRAME_ALIGNMENT;
    int largest = mtu <= ETHERNET_MTU ? LARGEST_WITHOUT_JUMBO_FRAMES : LARGEST_PAYLOAD;
    return Math.min(fitting, largest);
  }

  /** The largest receive buffer the kernel grants, up to {@code wanted} bytes. */
  static int receiveBuffer(int wanted) {
    return granted(StandardSocketOptions.SO_RCVBUF, wanted);
  }

  /** The largest send buffer the kernel grants, up to {@code wanted} bytes. */
  static int sendBuffer(int wanted) {
    return granted(StandardSocketOptions.SO_SNDBUF, wanted);
  }

  private static int granted(SocketOption<Integer> option, int wanted) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.setOption(option, wanted);
      return Math.min(wanted, channel.getOption(option));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open a UDP socket", e);
    }
  }

  private static int interfaceMtu(String address) {
    try {
      NetworkInterface owner = NetworkInterface.getByInetAddress(InetAddress.getByName(address));
      if (owner == null) {
        throw new IllegalArgumentException(
            "no network interface of this machine has the address " + address);
      }
      return owner.getMTU();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the MTU of the interface of " + address, e);
    }
  }
}

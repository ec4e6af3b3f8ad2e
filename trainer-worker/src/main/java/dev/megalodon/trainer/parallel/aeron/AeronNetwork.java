package dev.megalodon.trainer.parallel.aeron;

import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.Traffic;
import dev.megalodon.trainer.parallel.Transport;
import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Aeron in this process: a media driver on one thread, and a client on it. Lives as long as the
 * process; each epoch opens its own links on it.
 *
 * <p>Ranks that share a driver exchange through its buffers (IPC); all others over UDP.
 */
public final class AeronNetwork implements Network {
  private static final Logger LOG = LoggerFactory.getLogger(AeronNetwork.class);
  private static final int SOCKET_BUFFER_BYTES = 2 << 20;
  // 8,192 counters, the least there is; the default's file alone fills most of a container's shared
  // memory.
  private static final int COUNTER_BYTES = 1 << 20;
  private static final long CLIENT_TIMEOUT_SECONDS = 60;
  private static final long LONGEST_DRIVER_SLEEP_NANOS = 1_000_000;

  private final Optional<MediaDriver> driver;
  private final Aeron client;
  private final AeronSettings settings;
  private final Endpoint endpoint;
  private final Traffic traffic;

  private AeronNetwork(
      Optional<MediaDriver> driver,
      AeronSettings settings,
      int payload,
      String driverName,
      Traffic traffic) {
    this.driver = driver;
    this.traffic = traffic;
    this.settings = settings;
    this.endpoint = new Endpoint(settings.address(), settings.port(), payload, driverName);
    this.client =
        Aeron.connect(
            new Aeron.Context()
                .aeronDirectoryName(settings.directory().toString())
                .driverTimeoutMs(TimeUnit.SECONDS.toMillis(CLIENT_TIMEOUT_SECONDS))
                .idleStrategy(quiet(LONGEST_DRIVER_SLEEP_NANOS))
                .errorHandler(error -> LOG.warn("Aeron client", error)));
  }

  /** Starts a media driver in this process and connects to it. */
  public static AeronNetwork launch(AeronSettings settings) {
    return launch(settings, new Traffic());
  }

  /**
   * Starts a media driver in this process and connects to it.
   *
   * @param traffic counts what goes and comes
   */
  public static AeronNetwork launch(AeronSettings settings, Traffic traffic) {
    int payload = settings.mtu().orElseGet(() -> DatagramSizes.payloadFor(settings.address()));
    MediaDriver driver = MediaDriver.launch(driverContext(settings, payload));
    try {
      String name = UUID.randomUUID().toString();
      return new AeronNetwork(Optional.of(driver), settings, payload, name, traffic);
    } catch (RuntimeException e) {
      driver.close();
      throw e;
    }
  }

  /**
   * Connects one more rank to the driver that {@code owner} launched: in the same process, or in
   * another one that sees the same folder and was told the owner's endpoint.
   *
   * @param port UDP port of this rank, another than the owner's
   */
  public static AeronNetwork attach(AeronSettings settings, Endpoint owner, int port) {
    AeronSettings own =
        new AeronSettings(
            settings.address(), port, settings.directory(), settings.mtu(), settings.termBytes());
    return new AeronNetwork(Optional.empty(), own, owner.mtu(), owner.driver(), new Traffic());
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public Transport open(Group group) {
    return new AeronTransport(
        client,
        group,
        settings.termBytes(),
        DatagramSizes.receiveBuffer(SOCKET_BUFFER_BYTES),
        traffic);
  }

  @Override
  public void close() {
    client.close();
    driver.ifPresent(MediaDriver::close);
  }

  private static MediaDriver.Context driverContext(AeronSettings settings, int payload) {
    int receiveBuffer = DatagramSizes.receiveBuffer(SOCKET_BUFFER_BYTES);
    long clientTimeoutNanos = TimeUnit.SECONDS.toNanos(CLIENT_TIMEOUT_SECONDS);
    return new MediaDriver.Context()
        .aeronDirectoryName(settings.directory().toString())
        .dirDeleteOnStart(true)
        .dirDeleteOnShutdown(true)
        .threadingMode(ThreadingMode.SHARED)
        .sharedIdleStrategy(quiet(LONGEST_DRIVER_SLEEP_NANOS))
        .counterValuesBufferLength(COUNTER_BYTES)
        .termBufferSparseFile(true)
        .publicationTermBufferLength(settings.termBytes())
        .ipcTermBufferLength(settings.termBytes())
        .mtuLength(payload)
        .ipcMtuLength(Math.min(settings.termBytes() / 16, 1 << 15))
        .socketRcvbufLength(receiveBuffer)
        .socketSndbufLength(DatagramSizes.sendBuffer(SOCKET_BUFFER_BYTES))
        .initialWindowLength(Math.min(receiveBuffer, settings.termBytes() / 2))
        .clientLivenessTimeoutNs(clientTimeoutNanos)
        .publicationUnblockTimeoutNs(clientTimeoutNanos + TimeUnit.SECONDS.toNanos(5))
        .errorHandler(error -> LOG.warn("Aeron driver", error));
  }

  private static IdleStrategy quiet(long longestSleepNanos) {
    return new BackoffIdleStrategy(1, 20, 1_000, longestSleepNanos);
  }
}

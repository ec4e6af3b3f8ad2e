package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.trainer.parallel.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rank 0's server: accepts connections, tells the {@link Lobby} what happens on them, and notices
 * who is silent. One thread does all of it without ever blocking on a connection, so a scanner, a
 * half-open connection or a frozen member costs the others nothing.
 */
final class Coordinator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);
  private static final int MOST_UNPROVEN_CONNECTIONS = 64;
  private static final long LONGEST_SELECT_MILLIS = 100;
  private static final Duration LONGEST_HANG_UP = Duration.ofMillis(500);
  private static final Duration PAUSE_WITHOUT_SOCKETS = Duration.ofMillis(50);

  private final Identity own;
  private final RendezvousSettings settings;
  private final Ticker ticker;
  private final SecureRandom random = new SecureRandom();
  private final ServerSocketChannel server;
  private final Selector selector;
  private final RollCall rollCall;
  private final Lobby lobby;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final ExecutorService deciding;
  private final Consumer<RuntimeException> onFailure;
  private final Thread thread;
  private long beatAt;
  private volatile boolean closed;

  private Coordinator(
      Identity own,
      RendezvousSettings settings,
      Ticker ticker,
      ResumeDecider decider,
      Consumer<RuntimeException> onFailure)
      throws IOException {
    this.own = own;
    this.settings = settings;
    this.ticker = ticker;
    this.onFailure = onFailure;
    this.selector = Selector.open();
    this.server = ServerSocketChannel.open();
    this.server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    this.server.bind(new InetSocketAddress(settings.port()));
    this.server.configureBlocking(false);
    this.server.register(selector, SelectionKey.OP_ACCEPT);
    this.deciding =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("rendezvous-decision").factory());
    this.rollCall = new RollCall(own.worldSize(), new StuckRule(settings.stuck()), ticker);
    this.lobby =
        new Lobby(
            own, random, proposal -> deciding.execute(() -> decide(decider, proposal)), rollCall);
    this.beatAt = ticker.nanos();
    this.thread = Thread.ofPlatform().daemon().name("rendezvous-coordinator").unstarted(this::run);
  }

  /**
   * Listens on the settings' port.
   *
   * @param onFailure told why no epoch will open any more
   */
  static Coordinator start(
      Identity own,
      RendezvousSettings settings,
      Ticker ticker,
      ResumeDecider decider,
      Consumer<RuntimeException> onFailure) {
    try {
      Coordinator coordinator = new Coordinator(own, settings, ticker, decider, onFailure);
      coordinator.thread.start();
      return coordinator;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "rank 0 cannot listen on TCP port %d: %s".formatted(settings.port(), e.getMessage()), e);
    }
  }

  /** The ranks that others wait for now; any thread may ask. */
  List<AbsentRank> absent() {
    return rollCall.absent();
  }

  /** Where the time of steps goes, slowest rank first; any thread may ask. */
  List<RankTimes> times() {
    return rollCall.times();
  }

  /** Stops listening and closes every connection; their other ends see the end of the stream. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    deciding.shutdownNow();
    try {
      thread.join(settings.handshake());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closed) {
        turn();
      }
    } catch (IOException | RuntimeException e) {
      LOG.error("the rendezvous coordinator stops", e);
      onFailure.accept(new IllegalStateException("the rendezvous coordinator failed: " + e, e));
    } finally {
      shutDown();
    }
  }

  private void turn() throws IOException {
    selector.select(LONGEST_SELECT_MILLIS);
    for (SelectionKey key : List.copyOf(selector.selectedKeys())) {
      if (key.attachment() instanceof Connection connection) {
        connection.serve();
      } else {
        accept();
      }
    }
    selector.selectedKeys().clear();
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
    endOverdue();
    beat();
  }

  private void accept() {
    try {
      SocketChannel socket = server.accept();
      if (socket == null) {
        return;
      }
      evictOldestUnproven();
      socket.configureBlocking(false);
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      SelectionKey key = socket.register(selector, SelectionKey.OP_READ);
      key.attach(new Connection(socket, key, own, lobby, random, ticker));
    } catch (IOException e) {
      LOG.warn("cannot accept a connection", e);
      // Out of sockets the selector would report the same connection again at once.
      LockSupport.parkNanos(PAUSE_WITHOUT_SOCKETS.toNanos());
    }
  }

  private void evictOldestUnproven() {
    List<Connection> unproven = connections().filter(c -> !c.seated()).toList();
    if (unproven.size() >= MOST_UNPROVEN_CONNECTIONS) {
      unproven.stream()
          .min(Comparator.comparingLong(Connection::openedAt))
          .ifPresent(Connection::close);
    }
  }

  private void endOverdue() {
    long now = ticker.nanos();
    for (Connection connection : connections().toList()) {
      if (!connection.seated() && now - connection.openedAt() > settings.handshake().toNanos()) {
        connection.close();
      } else if (connection.seated() && now - connection.heardAt() > settings.silence().toNanos()) {
        connection.end(
            Loss.Cause.SILENT,
            "was silent for %.1f s".formatted((now - connection.heardAt()) / 1e9));
      }
    }
  }

  private void beat() {
    if (ticker.nanos() - beatAt >= settings.heartbeat().toNanos()) {
      beatAt = ticker.nanos();
      connections().filter(Connection::seated).forEach(c -> c.send(new Message.Heartbeat()));
      lobby.look();
    }
  }

  private Stream<Connection> connections() {
    return selector.keys().stream()
        .filter(SelectionKey::isValid)
        .map(SelectionKey::attachment)
        .filter(Connection.class::isInstance)
        .map(Connection.class::cast)
        .toList()
        .stream();
  }

  private void decide(ResumeDecider decider, Lobby.Proposal proposal) {
    try {
      String resume = decider.decide(proposal.epoch(), proposal.roster(), proposal.holdings());
      tasks.add(() -> lobby.decided(proposal, resume));
      selector.wakeup();
    } catch (RuntimeException e) {
      LOG.error("cannot decide what epoch {} resumes from", proposal.epoch(), e);
      onFailure.accept(e);
    }
  }

  /** Lets members read what was sent before they see the end: a plain close could take it back. */
  private void shutDown() {
    try {
      server.close();
      connections().forEach(Connection::hangUp);
      long deadline = ticker.nanos() + LONGEST_HANG_UP.toNanos();
      while (connections().findAny().isPresent() && ticker.nanos() < deadline) {
        selector.select(LONGEST_SELECT_MILLIS);
        connections().forEach(Connection::serve);
        selector.selectedKeys().clear();
      }
      connections().forEach(Connection::close);
      selector.close();
    } catch (IOException e) {
      LOG.warn("closing the rendezvous coordinator", e);
    }
  }
}

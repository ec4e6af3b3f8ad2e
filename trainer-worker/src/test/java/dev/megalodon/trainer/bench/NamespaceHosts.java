package dev.megalodon.trainer.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace for each rank, joined by a bridge in a namespace of its own; nothing leads
 * outside. Needs root and {@code ip}; delays need {@code tc} and a kernel with netem. Everything
 * goes when it is closed, or with the failure that kept it from being made.
 */
final class NamespaceHosts implements RankHosts {
  private static final String BRIDGE = "bridge0";
  private static final String INTERFACE = "eth0";
  private static final int BOUND_SECONDS = 20;

  private final String name = "megalodon-" + ProcessHandle.current().pid();
  private final List<String> namespaces = new ArrayList<>();

  private NamespaceHosts() {}

  /** Hosts for this many ranks; empty, with the reason on standard output, where not allowed. */
  static Optional<RankHosts> create(int ranks) {
    NamespaceHosts hosts = new NamespaceHosts();
    Runtime.getRuntime().addShutdownHook(new Thread(hosts::close));
    try {
      hosts.build(ranks);
      return Optional.of(hosts);
    } catch (CommandFailed e) {
      System.out.println("no network namespaces: " + e.getMessage());
      hosts.close();
      return Optional.empty();
    }
  }

  @Override
  public String address(int rank) {
    return "10.99.0." + (rank + 1);
  }

  @Override
  public List<String> prefix(int rank) {
    return List.of("ip", "netns", "exec", namespace(rank));
  }

  @Override
  public boolean delay(Duration oneWay) {
    if (oneWay.isZero()) {
      return true;
    }
    String time = TimeUnit.NANOSECONDS.toMicros(oneWay.toNanos()) + "us";
    try {
      for (int rank = 0; rank < namespaces.size() - 1; rank++) {
        // Its queue must hold what a rank sends in the time of the delay.
        run(
            "tc",
            "-n",
            namespace(rank),
            "qdisc",
            "replace",
            "dev",
            INTERFACE,
            "root",
            "netem",
            "delay",
            time,
            "limit",
            "100000");
      }
      return true;
    } catch (CommandFailed e) {
      return false;
    }
  }

  @Override
  public String description() {
    return "a network namespace each";
  }

  @Override
  public synchronized void close() {
    for (String namespace : namespaces.reversed()) {
      try {
        run("ip", "netns", "delete", namespace);
      } catch (CommandFailed e) {
        System.out.println("left behind: " + e.getMessage());
      }
    }
    namespaces.clear();
  }

  private void build(int ranks) throws CommandFailed {
    String hub = name + "-hub";
    add(hub);
    ip(hub, "link", "add", BRIDGE, "type", "bridge");
    ip(hub, "link", "set", BRIDGE, "up");
    for (int rank = 0; rank < ranks; rank++) {
      String port = "port" + rank;
      add(namespace(rank));
      ip(
          hub,
          "link",
          "add",
          port,
          "type",
          "veth",
          "peer",
          "name",
          INTERFACE,
          "netns",
          namespace(rank));
      ip(hub, "link", "set", port, "master", BRIDGE, "up");
      ip(namespace(rank), "link", "set", "lo", "up");
      ip(namespace(rank), "address", "add", address(rank) + "/24", "dev", INTERFACE);
      ip(namespace(rank), "link", "set", INTERFACE, "up");
    }
  }

  private String namespace(int rank) {
    return name + "-" + rank;
  }

  private void add(String namespace) throws CommandFailed {
    run("ip", "netns", "add", namespace);
    namespaces.add(namespace);
  }

  private static void ip(String namespace, String... words) throws CommandFailed {
    List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
    Collections.addAll(command, words);
    run(command.toArray(String[]::new));
  }

  private static void run(String... command) throws CommandFailed {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new CommandFailed(String.join(" ", command) + ": " + output.strip());
      }
    } catch (IOException e) {
      throw new CommandFailed(e.getMessage() + ": install iproute2");
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
  }

  private static final class CommandFailed extends Exception {
    private static final long serialVersionUID = 1L;

    CommandFailed(String message) {
      super(message);
    }
  }
}

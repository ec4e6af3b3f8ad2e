package dev.megalodon.trainer.rendezvous;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Stands between a member and rank 0 on the loopback. Cut, it takes what both sides say and passes
 * nothing on, as a network does that drops packets: neither side sees an end.
 */
final class TcpRelay implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private volatile boolean cut;

  private TcpRelay(ServerSocket server, int target) {
    this.server = server;
    this.target = target;
  }

  /** Passes on what comes to {@link #port}. */
  static TcpRelay to(int target) throws IOException {
    TcpRelay relay =
        new TcpRelay(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
    onItsOwnThread(relay::accept);
    return relay;
  }

  int port() {
    return server.getLocalPort();
  }

  void cut() {
    cut = true;
  }

  void heal() {
    cut = false;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() throws IOException {
    while (true) {
      Socket near = server.accept();
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      sockets.add(near);
      sockets.add(far);
      onItsOwnThread(() -> pass(near, far));
      onItsOwnThread(() -> pass(far, near));
    }
  }

  private void pass(Socket from, Socket to) throws IOException {
    byte[] bytes = new byte[4096];
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    try {
      for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
        if (!cut) {
          out.write(bytes, 0, length);
        }
      }
    } finally {
      if (!cut) {
        // Of an end that comes while it is cut the other side hears nothing either.
        to.close();
      }
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  /** A socket that ends, ends its thread; the ranks see it for themselves. */
  private static void onItsOwnThread(Task task) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                task.run();
              } catch (IOException closed) {
                Thread.currentThread().interrupt();
              }
            });
  }
}

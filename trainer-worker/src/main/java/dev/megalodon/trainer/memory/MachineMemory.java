package dev.megalodon.trainer.memory;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * How much memory there is.
 *
 * @param limit bytes that this process may use: the container's limit, or all of the host's
 * @param host bytes of the host; empty where the system does not say
 * @param jvmNow bytes that the JVM holds already, heap and its own
 * @param heapLimit bytes to which the Java heap may grow
 */
public record MachineMemory(long limit, OptionalLong host, long jvmNow, long heapLimit) {
  private static final Path MEMORY_INFO = Path.of("/proc/meminfo");
  private static final int KIB = 1024;

  /** This process's. */
  public static MachineMemory ofThisProcess() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    MemoryMXBean jvm = ManagementFactory.getMemoryMXBean();
    return new MachineMemory(
        system.getTotalMemorySize(), // the JDK reads the control group's limit
        hostMemory(),
        jvm.getHeapMemoryUsage().getUsed() + jvm.getNonHeapMemoryUsage().getUsed(),
        Runtime.getRuntime().maxMemory());
  }

  /** The same JVM where it may use no more than this; its heap's share stays the same. */
  public MachineMemory limitedTo(long bytes) {
    return new MachineMemory(bytes, host, jvmNow, Math.round((double) heapLimit / limit * bytes));
  }

  private static OptionalLong hostMemory() {
    try {
      return Files.readAllLines(MEMORY_INFO).stream()
          .filter(line -> line.startsWith("MemTotal:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty(); // not Linux: the limit above is the host's then
    }
  }
}

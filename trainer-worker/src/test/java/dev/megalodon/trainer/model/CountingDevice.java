package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A device that counts what is allocated on it. */
final class CountingDevice {
  private final Device device;
  private long bytes;

  CountingDevice(Device inner) {
    this.device =
        (Device)
            Proxy.newProxyInstance(
                Device.class.getClassLoader(),
                new Class<?>[] {Device.class},
                (proxy, method, arguments) -> {
                  try {
                    Object result = method.invoke(inner, arguments);
                    if (method.getName().equals("allocate")) {
                      bytes += ((Tensor) result).memory().byteSize();
                    }
                    return result;
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  /** The device to allocate on. */
  Device device() {
    return device;
  }

  /** Bytes allocated so far. */
  long bytes() {
    return bytes;
  }
}

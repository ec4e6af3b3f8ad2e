package dev.megalodon.crds.apiserver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.UUID;

/** Files that an API server needs to know its administrator and to sign service account tokens. */
record Credentials(String adminToken, Path tokens, Path publicKey, Path privateKey) {

  static Credentials write(Path folder) throws IOException {
    String token = UUID.randomUUID().toString();
    KeyPair keys = rsaKeys();
    return new Credentials(
        token,
        Files.writeString(folder.resolve("tokens.csv"), token + ",admin,admin,system:masters\n"),
        pem(folder.resolve("service-account.pub"), "PUBLIC KEY", keys.getPublic().getEncoded()),
        pem(folder.resolve("service-account.key"), "PRIVATE KEY", keys.getPrivate().getEncoded()));
  }

  private static KeyPair rsaKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has RSA; this one does not", e);
    }
  }

  private static Path pem(Path file, String type, byte[] content) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
  }
}

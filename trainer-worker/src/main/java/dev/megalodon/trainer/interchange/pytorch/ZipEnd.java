package dev.megalodon.trainer.interchange.pytorch;

/**
 * The end of a zip archive: where its directory is.
 *
 * @param entries how many
 * @param directory first byte of the central directory
 * @param directoryBytes its length
 */
record ZipEnd(long entries, long directory, long directoryBytes) {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int LONGEST_COMMENT = 0xFFFF;
  private static final int LOCATOR = 0x07064b50;
  private static final int LOCATOR_BYTES = 20;
  private static final int END64 = 0x06064b50;

  /**
   * Looks for it from the end of the file.
   *
   * @throws PytorchFileException when there is none, or it points outside the file
   */
  static ZipEnd find(Bytes bytes) throws PytorchFileException {
    long at = position(bytes);
    long locator = at - LOCATOR_BYTES;
    boolean zip64 = locator >= 0 && bytes.signedInt(locator) == LOCATOR;
    ZipEnd end = zip64 ? read64(bytes, bytes.length(locator + 8)) : read(bytes, at);
    boolean inside =
        end.directory <= bytes.size() && end.directoryBytes <= bytes.size() - end.directory;
    if (!inside) {
      throw bytes.damaged(
          "the directory of %d bytes at byte %d is beyond the file's end"
              .formatted(end.directoryBytes, end.directory));
    }
    return end;
  }

  private static long position(Bytes bytes) throws PytorchFileException {
    long last = bytes.size() - END_BYTES;
    for (long at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
      if (bytes.signedInt(at) == END && bytes.unsignedShort(at + 20) == last - at) {
        return at;
      }
    }
    throw bytes.damaged(
        "it has no end of a zip archive: it is cut off, or PyTorch before 1.6 wrote it (load it"
            + " there and save it again)");
  }

  private static ZipEnd read(Bytes bytes, long at) throws PytorchFileException {
    return new ZipEnd(
        bytes.unsignedShort(at + 10), bytes.unsignedInt(at + 16), bytes.unsignedInt(at + 12));
  }

  private static ZipEnd read64(Bytes bytes, long at) throws PytorchFileException {
    if (bytes.signedInt(at) != END64) {
      throw bytes.damaged("there is no zip64 end at byte %d".formatted(at));
    }
    return new ZipEnd(bytes.length(at + 32), bytes.length(at + 48), bytes.length(at + 40));
  }
}

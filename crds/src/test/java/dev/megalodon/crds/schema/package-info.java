/** Generates the CRD from the records and holds the committed file to it. */
@NullMarked
package dev.megalodon.crds.schema;

import org.jspecify.annotations.NullMarked;

/** What the CRD's own rules cannot say about a job. */
@NullMarked
package dev.megalodon.operator.validate;

import org.jspecify.annotations.NullMarked;

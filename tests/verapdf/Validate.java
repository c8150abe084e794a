import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Checks PDF files against profiles of veraPDF: `Validate "ua1 3a" report.pdf control.pdf`.
 *
 * One line for each file and profile, then one for each rule that was broken and how often:
 *
 *   report.pdf  3a  passed  1234
 *   control.pdf ua1 failed  987
 *   - 7.1-3 (12) Content shall be marked as Artifact or tagged as real content
 */
class Validate {
    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.SEVERE);
        VeraGreenfieldFoundryProvider.initialise();
        for (int at = 1; at < arguments.length; at++) {
            for (String name : arguments[0].split(" ")) {
                report(arguments[at], PDFAFlavour.byFlavourId(name));
            }
        }
    }

    private static void report(String file, PDFAFlavour profile) throws Exception {
        try (InputStream content = new FileInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(content, profile);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            System.out.printf("%s\t%s\t%s\t%d%n", file, profile.getId(), result.isCompliant() ? "passed" : "failed",
                    result.getTotalAssertions());
            Map<String, String> words = new TreeMap<>();
            Map<String, Integer> times = new TreeMap<>();
            for (TestAssertion one : result.getTestAssertions()) {
                if (one.getStatus() == TestAssertion.Status.FAILED) {
                    String rule = one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber();
                    words.put(rule, one.getMessage());
                    times.merge(rule, 1, Integer::sum);
                }
            }
            for (String rule : words.keySet()) {
                System.out.printf("- %s (%d) %s%n", rule, times.get(rule), words.get(rule));
            }
        }
    }
}

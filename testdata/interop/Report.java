import java.io.PrintStream;

/** Report writes findings, one line each. */
final class Report {
    /** Check returns a detail worth showing, and throws where something is wrong. */
    interface Check {
        String run() throws Exception;
    }

    private final PrintStream out;
    private String file = "";
    private boolean failed;

    Report(PrintStream out) {
        this.out = out;
    }

    /** The file that the findings from here on are about. */
    void file(String name) {
        file = name;
    }

    /** Runs a check of an object of the file, e.g. one signature, and reports it. What it throws is a finding, never the end of the run. */
    void check(String what, String object, Check check) {
        String detail;
        String verdict = "ok";
        try {
            detail = check.run();
        } catch (Exception | LinkageError | StackOverflowError e) {
            verdict = "fail";
            failed = true;
            detail = e instanceof Wrong ? e.getMessage() : e.toString();
        }
        out.println(String.join("\t", file, what, plain(object), verdict, plain(detail)));
    }

    boolean failed() {
        return failed;
    }

    void flush() {
        out.flush();
    }

    /** Text of a file must not break the lines. */
    private static String plain(String s) {
        return s == null ? "" : s.replaceAll("\\p{Cntrl}+", " ");
    }
}

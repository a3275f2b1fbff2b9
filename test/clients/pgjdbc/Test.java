import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

import org.postgresql.PGConnection;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** pgjdbc as an application uses it: a connection with the application's login, a token for each transaction. Prints TAP. */
public class Test {
	static final String ANA = System.getenv("TOKEN_ANA"), CLEO = System.getenv("TOKEN_CLEO"), THEA = System.getenv("TOKEN_THEA"),
		CORA = System.getenv("TOKEN_CORA");

	/** One connection for everybody: whatever somebody left on it the next one would find. */
	static Connection connection;

	/**
	 * A connection by libpq's variables, which the driver does not read. Without logServerErrorDetail=false the driver's own messages have the server's detail,
	 * and those about batches the values of all parameters.
	 */
	static Connection connect(String option, String value) throws SQLException {
		Properties properties = new Properties();
		properties.setProperty("user", System.getenv("PGUSER"));
		properties.setProperty("password", System.getenv("PGPASSWORD"));
		properties.setProperty("logServerErrorDetail", "false");
		properties.setProperty(option, value);
		return DriverManager.getConnection(
			String.format("jdbc:postgresql://%s:%s/%s", System.getenv("PGHOST"), System.getenv("PGPORT"), System.getenv("PGDATABASE")), properties);
	}

	interface Work<T> {
		T in(Connection connection) throws SQLException;
	}

	/** Everything that work does is done by whoever the token is for, in one transaction. */
	static <T> T as(String token, Work<T> work) throws SQLException {
		connection.setAutoCommit(false);
		try (PreparedStatement signIn = connection.prepareStatement("SELECT coachiatry.sign_in(?)")) {
			signIn.setString(1, token);
			signIn.execute();
			T result = work.in(connection);
			connection.commit();
			return result;
		} catch (SQLException | RuntimeException e) {
			connection.rollback();
			throw e;
		} finally {
			connection.setAutoCommit(true);
		}
	}

	/** A parameter of one of the extension's types: a string that is none of the driver's, so that the server says what it is. */
	static void set(PreparedStatement statement, int index, Object value) throws SQLException {
		if (value instanceof String)
			statement.setObject(index, value, Types.OTHER);
		else
			statement.setObject(index, value);
	}

	/** The rows of a statement, each a list of what getObject returns: strings for values of the extension's types, lists for arrays. */
	static Work<List<List<Object>>> query(String sql, Object... parameters) {
		return connection -> {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				for (int i = 0; i < parameters.length; i++)
					set(statement, i + 1, parameters[i]);
				return rows(statement.executeQuery());
			}
		};
	}

	static List<List<Object>> rows(ResultSet result) throws SQLException {
		List<List<Object>> rows = new ArrayList<>();
		while (result.next()) {
			List<Object> row = new ArrayList<>();
			for (int i = 1; i <= result.getMetaData().getColumnCount(); i++)
				row.add(plain(result.getObject(i)));
			rows.add(row);
		}
		return rows;
	}

	static Object plain(Object value) throws SQLException {
		if (value instanceof Array array)
			return Arrays.stream((Object[]) array.getArray()).map(Test::plainElement).toList();
		return plainElement(value);
	}

	static Object plainElement(Object value) {
		return value instanceof PGobject object ? object.getValue() : value;
	}

	/** A value of each type, as the server writes it. */
	static final Map<String, String> VALUES = new LinkedHashMap<>(Map.of(
		"adherence", "2026-03-01: +3 . - ?2 (1,2,3)",
		"dose_timing", "due 2026-03-01T08:10:00Z taken 2026-03-01T08:00:00Z",
		"schedule", "FREQ=WEEKLY;BYDAY=MO,TH",
		"series", "2026-03-08: 4.5 . 5",
		"supply", "2026-03-01 30 days at 1.5 a day of \"a, b\""));

	static void is(Object got, Object wanted) {
		if (!Objects.equals(got, wanted))
			throw new AssertionError("got " + got + ", wanted " + wanted);
	}

	static List<Object> row(Object... values) {
		return Arrays.asList(values);
	}

	/** That work is refused with this SQLSTATE, and that nothing in the error tells what was in it. */
	static PSQLException refused(String state, Work<?> work, String... token) throws SQLException {
		try {
			if (token.length > 0)
				as(token[0], work);
			else
				work.in(connection);
		} catch (SQLException e) {
			is(e.getSQLState(), state);
			PSQLException error = (PSQLException) (e instanceof BatchUpdateException ? e.getCause() : e);
			ServerErrorMessage said = error.getServerErrorMessage();
			String told = String.join(" ", e.getMessage(), error.getMessage(), said.getMessage(), said.getDetail(), said.getHint(), said.getWhere(),
				said.getInternalQuery());
			for (String secret : List.of("Ana", "Ben", "hears voices", "example.org", "eyJ"))
				if (told.contains(secret))
					throw new AssertionError(told + " tells " + secret);
			return error;
		}
		throw new AssertionError("not refused");
	}

	static void nobody() throws SQLException {
		is(query("SELECT kind, current_user::text FROM coachiatry.whoami()").in(connection), List.of(row("nobody", "clinic_app")));
	}

	static void somebodyIsSignedInForOneTransaction() throws SQLException {
		is(as(CLEO, query("SELECT kind, staff_id, role, current_user::text FROM care.whoami()")), List.of(row("staff", 2L, "coach", "care_coach")));
		nobody();
		try {
			as(ANA, connection -> { throw new IllegalStateException("of the application"); });
		} catch (IllegalStateException e) {
			nobody();
		}
		refused("42501", query("SELECT * FROM care.person"));
	}

	/** From the fifth time on the driver uses a statement that the server has prepared, and the binary form where it can. */
	static void onePreparedStatementShowsEverybodyWhatIsTheirs() throws SQLException {
		try (PreparedStatement people = connection.prepareStatement("SELECT name FROM care.person ORDER BY name")) {
			Work<List<List<Object>>> see = connection -> rows(people.executeQuery());
			for (int round = 0; round < 8; round++) {
				is(as(CLEO, see), List.of(row("Ana")));
				is(as(CORA, see), List.of(row("Ana"), row("Ben")));
				is(as(ANA, see), List.of(row("Ana")));
			}
		}
		is(as(ANA, query("SELECT person_id, source, calendar FROM care.task_calendar ORDER BY source")),
			List.of(row(1L, "person", "2026-03-03: *6"), row(1L, "plan", "2026-03-01: ?9")));
	}

	static void valuesAndArrays() throws SQLException {
		for (var entry : VALUES.entrySet()) {
			String type = entry.getKey(), value = entry.getValue();
			String sql = String.format("SELECT ?::%1$s, ?, ?::%1$s", type);
			Array several = connection.createArrayOf("coachiatry." + type, new String[] { value, null, value });
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				statement.setString(1, value);
				statement.setArray(2, several);
				statement.setNull(3, Types.OTHER);
				for (int round = 0; round < 8; round++)
					is(as(ANA, connection -> rows(statement.executeQuery())), List.of(row(value, row(value, null, value), null)));
			}
			try (ResultSet result = connection.createStatement().executeQuery(String.format("SELECT '%s'::%s", value, type))) {
				result.next();
				is(result.getString(1), value);
				is(((PGobject) result.getObject(1)).getType(), type);
			}
		}
	}

	/** A calendar in Java: a class of its own, which goes both ways in the binary form where the connection is told to. */
	public static class Calendar extends PGobject implements PGBinaryObject {
		private byte[] wire;

		public Calendar() { setType("adherence"); }
		@Override public void setByteValue(byte[] bytes, int offset) { wire = Arrays.copyOfRange(bytes, offset, bytes.length); }
		@Override public int lengthInBytes() { return wire == null ? 0 : wire.length; }
		@Override public void toBytes(byte[] bytes, int offset) { System.arraycopy(wire, 0, bytes, offset, wire.length); }
	}

	static void calendarsAsAClassOfTheirOwn() throws SQLException {
		Long oid = (Long) query("SELECT 'adherence'::regtype::oid").in(connection).get(0).get(0);
		try (Connection binary = connect("binaryTransferEnable", oid.toString())) {
			binary.unwrap(PGConnection.class).addDataType("adherence", Calendar.class);
			binary.unwrap(PGConnection.class).setPrepareThreshold(-1); // binary from the first time on
			try (PreparedStatement statement = binary.prepareStatement("SELECT '2026-03-01: +3 . -'::adherence, adherence_send('2026-03-01: +3 . -')");
					PreparedStatement back = binary.prepareStatement("SELECT ?::text")) {
				ResultSet result = statement.executeQuery();
				result.next();
				Calendar calendar = (Calendar) result.getObject(1);
				is(Arrays.toString(calendar.wire), Arrays.toString(result.getBytes(2)));
				back.setObject(1, calendar);
				is(rows(back.executeQuery()), List.of(row("2026-03-01: +3 . -")));
			}
		}
	}

	static void calendarsAsJsonAndWhatIsAskedOfThem() throws SQLException {
		is(query("SELECT ?::adherence::jsonb", "2026-03-01: + -").in(connection), List.of(row("{\"days\": [[1, 1, 0, 0], [1, 0, 1, 0]], \"from\": \"2026-03-01\"}")));
		is(query("SELECT ?::jsonb::adherence", "{\"from\": \"2026-03-01\", \"days\": [[1, 1, 0, 0], [1, 0, 1, 0]]}").in(connection), List.of(row("2026-03-01: + -")));
		is(as(ANA, query("SELECT longest_streak(calendar) FROM care.effective_calendar")), List.of(row(6)));
		is(as(CLEO, query("SELECT series, clip(series, ?) FROM care.measure_series", "[2026-03-09,)")), List.of(row("2026-03-08: 4.5 5", "2026-03-09: 5")));
		is(as(ANA, query("SELECT supply_agg(dispensed, days_supply) FROM care.supply")), List.of(row("2026-02-01 30 days, 2026-03-01 30 days")));
		is(query("SELECT days_adherent(?)", "2026-03-01: +3 -").in(connection), List.of(row(3)));
		// A string by setString is varchar to the server, and no function takes that.
		refused("42883", connection -> {
			try (PreparedStatement statement = connection.prepareStatement("SELECT days_adherent(?)")) {
				statement.setString(1, "2026-03-01: +3 -");
				return statement.execute();
			}
		});
	}

	static void checkInsByTheBatchAsObjectsOrAsArrays() throws SQLException {
		String objects = "{\"person_id\": 1, \"task_id\": 1, \"due_on\": \"2026-03-09\", \"taken\": true, \"note\": \"rain, \\\"and how\\\"\"}, "
			+ "{\"person_id\": 1, \"task_id\": 1, \"due_on\": \"2026-03-10\", \"taken\": false}";
		for (int sent = 0; sent < 2; sent++) // again is harmless
			is(as(ANA, query("SELECT * FROM care.ingest_check_ins(?::jsonb)", "[" + objects + "]")), List.of());
		Date[] days = { Date.valueOf("2026-03-09"), Date.valueOf("2026-03-10") };
		is(as(CLEO, query("SELECT * FROM care.ingest_check_ins(?, ?, ?, taken => ?, source => ?, note => ?)",
			connection.createArrayOf("bigint", new Long[] { 1L, 1L }), connection.createArrayOf("bigint", new Long[] { 1L, 1L }),
			connection.createArrayOf("date", days), connection.createArrayOf("integer", new Integer[] { 1, 1 }),
			connection.createArrayOf("text", new String[] { "coach", "coach" }), connection.createArrayOf("text", new String[] { "by phone", null }))), List.of());
		is(as(CLEO, query("SELECT due_on, source, taken, note FROM care.check_in WHERE due_on >= '2026-03-09' ORDER BY source, due_on")), List.of(
			row(days[0], "coach", 1, "by phone"), row(days[1], "coach", 1, null), row(days[0], "person", 1, "rain, \"and how\""), row(days[1], "person", 0, null)));

		String more = "[" + objects + ", {\"person_id\": 2, \"task_id\": 2, \"due_on\": \"2026-03-09\", \"taken\": true, \"note\": \"hears voices\"}]";
		refused("42501", query("SELECT * FROM care.ingest_check_ins(?::jsonb)", more), ANA);
		is(as(ANA, query("SELECT * FROM care.ingest_check_ins(?::jsonb, partial => true)", more)),
			List.of(row(3, "42501", "new row violates row-level security policy for table \"check_in\"")));
	}

	static void whatIsWrittenComesBack() throws SQLException {
		is(as(ANA, connection -> {
			try (PreparedStatement insert = connection.prepareStatement("INSERT INTO care.goal (person_id, words) VALUES (1, ?)", Statement.RETURN_GENERATED_KEYS)) {
				insert.setString(1, "walk to the river");
				insert.executeUpdate();
				ResultSet keys = insert.getGeneratedKeys(); // all columns, as by RETURNING *
				keys.next();
				return row(keys.getString("words"), keys.getObject("stated_on", LocalDate.class));
			}
		}), row("walk to the river", LocalDate.parse("2026-03-10")));
		is(as(CLEO, connection -> {
			try (PreparedStatement insert = connection.prepareStatement(
					"INSERT INTO care.message (person_id, author_kind, author, body) VALUES (1, 'staff', 2, ?)", new String[] { "sent_at" })) {
				insert.setString(1, "Well done");
				insert.executeUpdate();
				ResultSet keys = insert.getGeneratedKeys();
				keys.next();
				return keys.getObject(1, OffsetDateTime.class);
			}
		}), OffsetDateTime.parse("2026-03-10T12:00:00Z"));
		is(as(THEA, query("INSERT INTO care.task (person_id, title, kind, schedule, starts_at) VALUES (1, 'swim', 'exercise', ?, '2026-03-01') RETURNING schedule",
			"BID")), List.of(row("FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0")));
		is(as(CORA, connection -> {
			List<List<Object>> eva = query("INSERT INTO care.person (organization_id, name) VALUES (1, 'Eva') RETURNING person_id").in(connection);
			return query("INSERT INTO care.assignment (person_id, staff_id) VALUES (?, 2) RETURNING during", eva.get(0).get(0)).in(connection);
		}), List.of(row("[2026-03-10,)")));
	}

	static void whatIsRefusedTellsNothingOfWhatWasInIt() throws SQLException {
		String checkIn = "INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, note) VALUES (?, ?, '2026-03-03', ?, ?, 'hears voices') RETURNING note";
		refused("42501", query(checkIn, 2, 2, "coach", 1), CLEO); // somebody else's person
		refused("42501", query(checkIn, 1, 1, "device", 1), CLEO); // as another source
		refused("42501", query("UPDATE care.person SET name = 'Ben' WHERE person_id = 1 RETURNING name"), CLEO);
		refused("42501", query("SELECT * FROM care.token_key"), CORA);
		refused("23505", query(checkIn, 1, 1, "person", 1), ANA); // it is there already
		refused("23514", query(checkIn, 1, 1, "coach", -1), CLEO);
		refused("23503", query(checkIn, 1, 99, "coach", 1), CLEO);
		is(as(CLEO, query("UPDATE care.check_in SET note = 'hears voices' WHERE person_id = 2 RETURNING note")), List.of());
		refused("42501", connection -> {
			try (PreparedStatement batch = connection.prepareStatement("INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, note) VALUES (?, ?, '2026-03-02', 'coach', 1, ?)")) {
				for (int person = 1; person <= 2; person++) {
					batch.setInt(1, person);
					batch.setInt(2, person);
					batch.setString(3, "hears voices");
					batch.addBatch();
				}
				return batch.executeBatch();
			}
		}, CLEO);
		nobody();
	}

	static void tokensThatAreNoGoodAreRefusedAlike() throws SQLException {
		for (String token : Arrays.asList(System.getenv("TOKEN_EXPIRED"), System.getenv("TOKEN_EDITED"), System.getenv("TOKEN_REVOKED"),
				System.getenv("TOKEN_STRANGER"), "nonsense", null)) {
			PSQLException error = refused("28000", query("SELECT 1"), token);
			is(error.getServerErrorMessage().getMessage(), "token refused");
			is(error.getServerErrorMessage().getDetail(), null);
			nobody();
		}
		is(connection.isValid(1), true);
	}

	interface Body {
		void run() throws SQLException;
	}

	static int number;

	static void test(String name, Body body) {
		number++;
		try {
			body.run();
			System.out.println("ok " + number + " - " + name);
		} catch (Throwable e) {
			System.out.println("not ok " + number + " - " + name);
			System.out.println("# " + e);
			for (StackTraceElement element : e.getStackTrace())
				if (element.getClassName().startsWith("Test"))
					System.out.println("#   " + element);
		}
	}

	public static void main(String[] arguments) throws SQLException {
		connection = connect("ApplicationName", "clients");
		test("somebody is signed in for one transaction", Test::somebodyIsSignedInForOneTransaction);
		test("one prepared statement shows everybody what is theirs", Test::onePreparedStatementShowsEverybodyWhatIsTheirs);
		test("values and arrays", Test::valuesAndArrays);
		test("calendars as a class of their own, in the binary form", Test::calendarsAsAClassOfTheirOwn);
		test("calendars as JSON, and what is asked of them", Test::calendarsAsJsonAndWhatIsAskedOfThem);
		test("check-ins by the batch, as objects or as arrays", Test::checkInsByTheBatchAsObjectsOrAsArrays);
		test("what is written comes back", Test::whatIsWrittenComesBack);
		test("what is refused tells nothing of what was in it", Test::whatIsRefusedTellsNothingOfWhatWasInIt);
		test("tokens that are no good are refused alike", Test::tokensThatAreNoGoodAreRefusedAlike);
		System.out.println("1.." + number);
	}
}

CREATE TYPE "public"."issue_priority" AS ENUM('none', 'low', 'medium', 'high', 'urgent');--> statement-breakpoint
CREATE TYPE "public"."member_role" AS ENUM('owner', 'editor', 'viewer');--> statement-breakpoint
CREATE TABLE "columns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || project_id::text) STORED NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"rank" text COLLATE "C" NOT NULL,
	"issue_limit" integer,
	"is_done" boolean NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"closed_by" text COLLATE "C",
	"closed_by_name" text COLLATE "C",
	CONSTRAINT "columns_id_audience" UNIQUE("id","audience"),
	CONSTRAINT "columns_limit_positive" CHECK ("columns"."issue_limit" > 0)
);
--> statement-breakpoint
CREATE TABLE "comments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || project_id::text) STORED NOT NULL,
	"issue_id" uuid NOT NULL,
	"author_id" text COLLATE "C" NOT NULL,
	"author_name" text COLLATE "C" NOT NULL,
	"body" text COLLATE "C" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"edited_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "focus_items" (
	"user_id" text COLLATE "C" NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('user:' || user_id::text) STORED NOT NULL,
	"issue_id" uuid NOT NULL,
	"note" text COLLATE "C" NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "focus_items_pkey" PRIMARY KEY("audience","issue_id")
);
--> statement-breakpoint
CREATE TABLE "issue_counters" (
	"project_id" uuid NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || project_id::text) STORED NOT NULL,
	"last_number" integer NOT NULL,
	CONSTRAINT "issue_counters_pkey" PRIMARY KEY("audience","project_id")
);
--> statement-breakpoint
CREATE TABLE "issue_labels" (
	"issue_id" uuid NOT NULL,
	"label_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || project_id::text) STORED NOT NULL,
	CONSTRAINT "issue_labels_pkey" PRIMARY KEY("audience","issue_id","label_id")
);
--> statement-breakpoint
CREATE TABLE "issue_votes" (
	"issue_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || project_id::text) STORED NOT NULL,
	"total" integer NOT NULL,
	CONSTRAINT "issue_votes_pkey" PRIMARY KEY("audience","issue_id")
);
--> statement-breakpoint
CREATE TABLE "issues" (
	"id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || project_id::text) STORED NOT NULL,
	"number" integer NOT NULL,
	"title" text COLLATE "C" NOT NULL,
	"description" text COLLATE "C" NOT NULL,
	"column_id" uuid NOT NULL,
	"rank" text COLLATE "C" NOT NULL,
	"priority" "issue_priority" NOT NULL,
	"assignee_id" text COLLATE "C",
	"assigned_at" timestamp (3) with time zone,
	"parent_id" uuid,
	"estimate" integer,
	"created_by" text COLLATE "C" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"completed_at" timestamp (3) with time zone,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "issues_id_audience" UNIQUE("id","audience"),
	CONSTRAINT "issues_audience_number" UNIQUE("audience","number")
);
--> statement-breakpoint
CREATE TABLE "labels" (
	"id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || project_id::text) STORED NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"color" text COLLATE "C" NOT NULL,
	CONSTRAINT "labels_id_audience" UNIQUE("id","audience"),
	CONSTRAINT "labels_audience_name" UNIQUE("audience","name")
);
--> statement-breakpoint
CREATE TABLE "members" (
	"project_id" uuid NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || project_id::text) STORED NOT NULL,
	"user_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"email" text COLLATE "C" NOT NULL,
	"role" "member_role" NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "members_pkey" PRIMARY KEY("audience","user_id")
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" uuid PRIMARY KEY NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('project:' || id::text) STORED NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "projects_id_audience" UNIQUE("id","audience")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"user_id" text COLLATE "C" NOT NULL,
	"audience" text COLLATE "C" GENERATED ALWAYS AS ('user:' || user_id::text) STORED NOT NULL,
	"assign_on_focus" boolean NOT NULL,
	CONSTRAINT "settings_pkey" PRIMARY KEY("audience","user_id")
);
--> statement-breakpoint
ALTER TABLE "columns" ADD CONSTRAINT "columns_project" FOREIGN KEY ("project_id","audience") REFERENCES "public"."projects"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_issue" FOREIGN KEY ("issue_id","audience") REFERENCES "public"."issues"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issue_counters" ADD CONSTRAINT "issue_counters_project" FOREIGN KEY ("project_id","audience") REFERENCES "public"."projects"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issue_labels" ADD CONSTRAINT "issue_labels_issue" FOREIGN KEY ("issue_id","audience") REFERENCES "public"."issues"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issue_labels" ADD CONSTRAINT "issue_labels_label" FOREIGN KEY ("label_id","audience") REFERENCES "public"."labels"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issue_votes" ADD CONSTRAINT "issue_votes_issue" FOREIGN KEY ("issue_id","audience") REFERENCES "public"."issues"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issues" ADD CONSTRAINT "issues_project" FOREIGN KEY ("project_id","audience") REFERENCES "public"."projects"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issues" ADD CONSTRAINT "issues_column" FOREIGN KEY ("column_id","audience") REFERENCES "public"."columns"("id","audience") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issues" ADD CONSTRAINT "issues_parent" FOREIGN KEY ("parent_id","audience") REFERENCES "public"."issues"("id","audience") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labels" ADD CONSTRAINT "labels_project" FOREIGN KEY ("project_id","audience") REFERENCES "public"."projects"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_project" FOREIGN KEY ("project_id","audience") REFERENCES "public"."projects"("id","audience") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "columns_audience_rank" ON "columns" USING btree ("audience","rank");--> statement-breakpoint
CREATE INDEX "comments_issue_created" ON "comments" USING btree ("issue_id","created_at");--> statement-breakpoint
CREATE INDEX "comments_audience" ON "comments" USING btree ("audience");--> statement-breakpoint
CREATE INDEX "issue_labels_label" ON "issue_labels" USING btree ("label_id");--> statement-breakpoint
CREATE INDEX "issues_board" ON "issues" USING btree ("project_id","column_id","rank");--> statement-breakpoint
CREATE INDEX "issues_recent" ON "issues" USING btree ("project_id","updated_at");--> statement-breakpoint
CREATE INDEX "issues_children" ON "issues" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "issues_assignee" ON "issues" USING btree ("assignee_id");--> statement-breakpoint
CREATE INDEX "members_user" ON "members" USING btree ("user_id");
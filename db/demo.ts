/**
 * What the demonstration tells: six people, two projects, their issues. Edit this file to change what a fresh clone
 * shows. Plain data; `seed.ts` does it, action by action.
 */
import type { IssuePriority, MemberRole } from './schema'

export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
}

export const people = [
  { id: 'ann', name: 'Ann Okafor', email: 'ann@example.com' },
  { id: 'ben', name: 'Ben Lindqvist', email: 'ben@example.com' },
  { id: 'carla', name: 'Carla Moreno', email: 'carla@example.com' },
  { id: 'dev', name: 'Dev Raman', email: 'dev@example.com' },
  { id: 'eva', name: 'Eva Novak', email: 'eva@example.com' },
  { id: 'finn', name: 'Finn Walsh', email: 'finn@example.com' },
] as const satisfies readonly Person[]

export type PersonId = (typeof people)[number]['id']

export interface DemoIssue {
  readonly title: string
  readonly by: PersonId
  readonly description?: string
  readonly priority?: IssuePriority
  readonly estimate?: number
  readonly labels?: readonly string[]
  readonly assignee?: PersonId
  /** Title of an issue that comes before it in the list. */
  readonly parent?: string
  readonly votes?: Partial<Record<PersonId, number>>
  readonly comments?: readonly (readonly [PersonId, string])[]
}

export interface DemoProject {
  readonly name: string
  readonly key: string
  readonly owner: PersonId
  readonly members: readonly (readonly [PersonId, MemberRole])[]
  readonly labels: Readonly<Record<string, string>>
  readonly columns: readonly {
    readonly name: string
    readonly issueLimit?: number
    readonly isDone?: boolean
    readonly issues: readonly DemoIssue[]
  }[]
}

const tidepool: DemoProject = {
  name: 'Tidepool',
  key: 'TIDE',
  owner: 'ann',
  members: [
    ['ben', 'owner'],
    ['carla', 'editor'],
    ['dev', 'editor'],
    ['eva', 'editor'],
    ['finn', 'viewer'],
  ],
  labels: { bug: 'red', design: 'violet', offline: 'teal', payments: 'amber', 'good first issue': 'green' },
  columns: [
    {
      name: 'Backlog',
      issues: [
        {
          title: 'Gift vouchers for a course',
          by: 'carla',
          priority: 'low',
          estimate: 8,
          labels: ['payments'],
          votes: { finn: 3, eva: 1 },
          comments: [['finn', 'Parents ask for this every December. A printable card would be enough to begin with.']],
        },
        { title: 'Waiting list with automatic offers', by: 'ben', priority: 'medium', estimate: 13, votes: { ann: 2 } },
        { title: 'Show the water temperature on the pool page', by: 'ann', priority: 'none', votes: { finn: 5 } },
        {
          title: 'Export a course as a spreadsheet',
          by: 'eva',
          priority: 'low',
          estimate: 3,
          labels: ['good first issue'],
        },
        { title: 'Greek translation', by: 'carla', estimate: 5, labels: ['good first issue'] },
      ],
    },
    {
      name: 'To do',
      issues: [
        {
          title: 'Check in swimmers without a connection',
          by: 'ann',
          description:
            'The lower pool has no reception. Teachers must be able to tick off names there, and two teachers of one course must not undo each other.',
          priority: 'urgent',
          estimate: 8,
          labels: ['offline'],
          assignee: 'dev',
          votes: { ann: 3, ben: 2, carla: 2, finn: 4 },
          comments: [
            ['eva', 'I tried the old app at the lower pool yesterday: it showed a white page.'],
            ['dev', 'The list of names is already on the phone. What is missing is the way back.'],
          ],
        },
        {
          title: 'Attendance list opens without a connection',
          by: 'dev',
          priority: 'high',
          estimate: 3,
          labels: ['offline'],
          assignee: 'dev',
          parent: 'Check in swimmers without a connection',
        },
        {
          title: 'Last place in a course goes to one family only',
          by: 'ben',
          description:
            'Two families booked the last place of “Beginners, Tuesday” from their phones in the same minute.',
          priority: 'urgent',
          estimate: 5,
          labels: ['bug', 'payments'],
          assignee: 'carla',
          comments: [['ann', 'I called the second family. They were kind about it. Let us not need that again.']],
        },
        {
          title: 'Larger touch targets on the check-in screen',
          by: 'eva',
          priority: 'medium',
          estimate: 2,
          labels: ['design'],
        },
        {
          title: 'Reminder the evening before a lesson',
          by: 'carla',
          priority: 'medium',
          estimate: 5,
          votes: { finn: 2 },
        },
        {
          title: 'Colour contrast of the calendar in dark mode',
          by: 'dev',
          priority: 'low',
          estimate: 1,
          labels: ['design', 'bug'],
        },
      ],
    },
    {
      name: 'In progress',
      issueLimit: 4,
      issues: [
        {
          title: 'Invoice with two children on one page',
          by: 'carla',
          priority: 'high',
          estimate: 5,
          labels: ['payments'],
          assignee: 'carla',
          comments: [
            ['carla', 'Siblings with different courses work. Siblings in the same course are still listed twice.'],
            ['ben', 'That is the case the accountant cares about, sadly.'],
          ],
        },
        {
          title: 'Ticks of two teachers are both kept',
          by: 'dev',
          priority: 'high',
          estimate: 5,
          labels: ['offline'],
          assignee: 'eva',
          parent: 'Check in swimmers without a connection',
        },
        {
          title: 'New icons for swimming levels',
          by: 'ann',
          priority: 'low',
          estimate: 2,
          labels: ['design'],
          assignee: 'ann',
        },
      ],
    },
    {
      name: 'Review',
      issueLimit: 3,
      issues: [
        {
          title: 'Course dates skip public holidays',
          by: 'ben',
          priority: 'medium',
          estimate: 3,
          assignee: 'ben',
          comments: [['eva', 'Checked against next year. Easter Monday is right, and so is the day nobody remembers.']],
        },
        { title: 'Sign-in stays valid for a season', by: 'dev', priority: 'medium', estimate: 2, assignee: 'dev' },
      ],
    },
    {
      name: 'Done',
      isDone: true,
      issues: [
        {
          title: 'Photos of the pools on the start page',
          by: 'ann',
          priority: 'low',
          estimate: 1,
          labels: ['design'],
          assignee: 'ann',
        },
        {
          title: 'Cancel a booking up to two days before',
          by: 'carla',
          priority: 'high',
          estimate: 3,
          assignee: 'carla',
        },
        {
          title: 'Phone numbers with a country code',
          by: 'eva',
          priority: 'medium',
          estimate: 1,
          labels: ['bug'],
          assignee: 'dev',
          comments: [['finn', 'Works with my Irish number. Thank you!']],
        },
      ],
    },
  ],
}

const officeMove: DemoProject = {
  name: 'Office move',
  key: 'MOVE',
  owner: 'eva',
  members: [
    ['ann', 'editor'],
    ['finn', 'editor'],
    ['ben', 'viewer'],
  ],
  labels: { furniture: 'amber', contracts: 'blue', network: 'teal' },
  columns: [
    {
      name: 'To do',
      issues: [
        { title: 'Sell the big meeting table', by: 'finn', priority: 'low', labels: ['furniture'], votes: { ben: 1 } },
        {
          title: 'Tell the post office our new address',
          by: 'eva',
          priority: 'high',
          labels: ['contracts'],
          assignee: 'finn',
          comments: [['ben', 'They want the form on paper, with a stamp.']],
        },
        {
          title: 'Measure whether the piano fits through the door',
          by: 'ann',
          priority: 'medium',
          labels: ['furniture'],
        },
        {
          title: 'Plan who sits where',
          by: 'eva',
          priority: 'medium',
          estimate: 3,
          votes: { ann: 1, finn: 2, ben: 4 },
        },
      ],
    },
    {
      name: 'Doing',
      issueLimit: 3,
      issues: [
        {
          title: 'Fibre line on the third floor',
          by: 'eva',
          priority: 'urgent',
          labels: ['network', 'contracts'],
          assignee: 'eva',
        },
        {
          title: 'Twelve boxes for the archive',
          by: 'finn',
          priority: 'none',
          labels: ['furniture'],
          assignee: 'finn',
        },
      ],
    },
    {
      name: 'Done',
      isDone: true,
      issues: [
        { title: 'Sign the lease', by: 'eva', priority: 'urgent', labels: ['contracts'], assignee: 'eva' },
        { title: 'Book the movers', by: 'ann', priority: 'high', labels: ['contracts'], assignee: 'ann' },
      ],
    },
  ],
}

export const projects: readonly DemoProject[] = [tidepool, officeMove]

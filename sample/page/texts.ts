import { type Language } from './language.js';

/** What the shell says. Each scene has its own. */
export const texts = {
  en: {
    scenes: 'Scenes',
    skip: 'Skip to the scene',
    dark: 'Dark colours',
    theme: 'Light or dark',
    otherLanguage: '中文',
    failed: 'This scene could not be loaded. Reload the page to try again.',
    chat: { name: 'Chat', about: 'Rooms, presence, images. What was missed comes by cursor.' },
    game: { name: 'Game', about: 'Thirty ticks a second; slow clients get the latest state only.' },
    document: { name: 'Document', about: 'Write together; what was written off line is merged.' },
    progress: { name: 'Progress', about: 'Long jobs, watched over an event stream that survives restarts.' },
    lab: { name: 'Lab', about: 'The same events over four transports, side by side.' },
  },
  zh: {
    scenes: '场景',
    skip: '跳到场景内容',
    dark: '深色',
    theme: '浅色或深色',
    otherLanguage: 'English',
    failed: '无法加载此场景，请刷新页面重试。',
    chat: { name: '聊天', about: '聊天室、在线状态、图片；错过的消息凭游标补齐。' },
    game: { name: '游戏', about: '每秒三十帧；网速慢的客户端只收最新状态。' },
    document: { name: '文档', about: '多人共同书写，离线时的修改会自动合并。' },
    progress: { name: '进度', about: '用事件流观看耗时任务，服务器重启也不中断。' },
    lab: { name: '实验室', about: '同样的事件，四种传输方式并排比较。' },
  },
} satisfies Record<Language, object>;

export type ShellTexts = (typeof texts)['en'];

import { Globe, type LucideIcon, Mail, MessageCircle, MessageSquareMore, Phone, Webhook } from 'lucide-react';

const ICONS: Record<string, LucideIcon> = {
  'web-chat': Globe,
  messenger: MessageCircle,
  zalo: MessageSquareMore,
  email: Mail,
  hotline: Phone,
  http: Webhook,
};

/** The sign of a kind of channel. Decoration: the channel's name stands beside it or in a label. */
export function ChannelIcon({ kind, size = 14 }: { kind: string; size?: number }) {
  const Icon = ICONS[kind] ?? MessageCircle;
  return <Icon size={size} aria-hidden />;
}
